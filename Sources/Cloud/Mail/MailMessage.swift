import Foundation
import Kernel

/// A letter as mail systems carry it (RFC 5322, plain text in UTF-8). Whatever its words are, they stay in their
/// header or in the body.
package struct MailMessage: Hashable, Sendable {
    package let id: MailID
    package let sender: MailAddress
    package let recipient: MailAddress
    /// Headers, an empty line and the body, in ASCII.
    private let lines: [String]

    /// - Parameters:
    ///   - name: what the sender is called.
    ///   - date: when the letter was written, so that a repeat is the same letter.
    package init(
        id: MailID, from sender: MailAddress, named name: String, to recipient: MailAddress, date: Instant,
        subject: String, body: String
    ) {
        self.id = id
        self.sender = sender
        self.recipient = recipient
        let headers = [
            HeaderText.line("From", named: name, sender.text),
            ["To: \(recipient.text)"],
            HeaderText.line("Subject", subject),
            [
                "Date: \(Self.text(of: date))",
                "Message-ID: <\(id)@\(sender.domain)>",
                "Auto-Submitted: auto-generated",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
                "",
            ],
        ]
        lines = headers.flatMap(\.self) + QuotedPrintable.lines(of: body)
    }

    /// - Parameter end: of each line: CR LF in files and on the wire, LF for programs that take local text.
    package func text(linesEndingIn end: String) -> String {
        lines.map { $0 + end }.joined()
    }

    /// Such as `Mon, 23 Nov 2026 14:33:18 +0000`.
    private static func text(of date: Instant) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday],
            from: Date(timeIntervalSince1970: TimeInterval(date.seconds)))
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][((parts.weekday ?? 1) - 1) % 7]
        let month = LongDate.months[((parts.month ?? 1) - 1) % 12].prefix(3)
        let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        return "\(day), \(parts.day ?? 1) \(month) \(parts.year ?? 1970) \(time) +0000"
    }
}

/// Free text in a header.
enum HeaderText {
    /// The longest text that is written as it is, so that no line needs folding.
    private static let longest = 60
    /// Of the bytes in one encoded word, which may have 75 characters in all.
    private static let bytesPerWord = 42

    static func line(_ name: StaticString, _ text: String) -> [String] {
        let words = self.words(for: text)
        return ["\(name): \(words[0])"] + words.dropFirst().map { " \($0)" }
    }

    /// `Name <address>`; a name that is empty is left out.
    static func line(_ header: StaticString, named name: String, _ address: String) -> [String] {
        let name = OneLine.of(name)
        if name.isEmpty { return ["\(header): \(address)"] }
        let isPlain = name.utf8.count <= longest && name.utf8.allSatisfy(isPlainInPhrase)
        if isPlain { return ["\(header): \(name) <\(address)>"] }
        let words = encodedWords(name)
        return ["\(header): \(words[0])"] + words.dropFirst().map { " \($0)" } + [" <\(address)>"]
    }

    private static func isPlainInPhrase(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func words(for text: String) -> [String] {
        let text = OneLine.of(text)
        let isPlain =
            text.utf8.count <= longest && !text.contains("=?") && text.utf8.allSatisfy { $0 >= 32 && $0 < 127 }
        return isPlain ? [text] : encodedWords(text)
    }

    /// RFC 2047; no character is cut in two.
    private static func encodedWords(_ text: String) -> [String] {
        var pieces: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if pieces[pieces.count - 1].count + bytes.count > bytesPerWord { pieces.append([]) }
            pieces[pieces.count - 1] += bytes
        }
        return pieces.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }
    }
}

/// Text that cannot begin another line, nor turn or hide what stands beside it.
enum OneLine {
    static func of(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: kept.append(" ")
            case .format, .surrogate, .unassigned, .privateUse: continue
            default: kept.append(scalar)
            }
        }
        return String(kept).trimmingCharacters(in: .whitespaces)
    }
}

/// RFC 2045: text of any kind in ASCII lines of at most 76 characters.
enum QuotedPrintable {
    private static let longest = 75

    /// The last line ends whether or not the text says so.
    static func lines(of text: String) -> [String] {
        let text = text.last == "\n" ? text.dropLast() : text[...]
        return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { lines(ofLine: $0) }
    }

    private static func lines(ofLine line: Substring) -> [String] {
        let bytes = Array(line.utf8)
        var lines: [String] = []
        var current = ""
        for (place, byte) in bytes.enumerated() {
            let piece = isPlain(byte, isLast: place == bytes.count - 1) ? character(byte) : encoded(byte)
            if current.utf8.count + piece.utf8.count > longest {
                lines.append(current + "=")
                current = ""
            }
            // A line of one dot ends a letter, and one that begins with From a mailbox's, in careless programs.
            let isRisky = current.isEmpty && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "F"))
            current += isRisky ? encoded(byte) : piece
        }
        return lines + [current]
    }

    private static func isPlain(_ byte: UInt8, isLast: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: " "): !isLast
        case UInt8(ascii: "="): false
        case 33...126: true
        default: false
        }
    }

    private static func character(_ byte: UInt8) -> String { String(UnicodeScalar(byte)) }

    private static func encoded(_ byte: UInt8) -> String { "=" + [byte].hex.uppercased() }
}
