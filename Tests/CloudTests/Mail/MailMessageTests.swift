import Cloud
import Fakes
import Foundation
import Kernel
import Testing

/// What anybody is called, and whatever a letter says, stays where it belongs.
@Suite struct MailMessageTests {
    private static let names = [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    ]

    private static let pieces = [
        "\r", "\n", "\r\n", "\r\nBcc: evil@x.example\r\n", "\n\nbody", "\r\n.\r\n", ".", "From ", "=?utf-8?Q?x?=", "=",
        "=0A", "é", "日本語", "🦑", "👩‍👩‍👧", " ", "   ", "\t", "\u{0}", "\u{7F}", "\u{85}", "\u{2028}", "\u{202E}", "\"",
        "<", ">", ",", ";", ":", "@", "(", "\\", "a", "Invoice", String(repeating: "long", count: 40),
    ]

    private func message(
        _ seed: UInt64, named name: String = "Cloud", to address: String = "me@example.com", subject: String = "Hi",
        body: String = "Hello\n"
    ) throws -> MailMessage {
        MailMessage(
            id: MailID(from: SeededRandomness(seed: seed)), from: try #require(MailAddress("billing@cloud.example")),
            named: name, to: try #require(MailAddress(address)), date: Instant(seconds: 1_795_444_398),
            subject: subject, body: body)
    }

    @Test func aLetterIsAsMailProgramsExpectIt() async throws {
        let message = try message(1, named: "Test Cloud Pty Ltd")
        let text = message.text(linesEndingIn: "\r\n")
        #expect(
            text
                == """
                From: Test Cloud Pty Ltd <billing@cloud.example>
                To: me@example.com
                Subject: Hi
                Date: Mon, 23 Nov 2026 14:33:18 +0000
                Message-ID: <\(message.id)@cloud.example>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Hello

                """.replacing("\n", with: "\r\n"))
    }

    @Test func noWordsLeaveTheirPlace() async throws {
        let random = SeededRandomness(seed: 20_261_123)
        func hostile() -> String {
            (0..<random.number(below: 12)).map { _ in random.element(of: Self.pieces) }.joined()
        }
        let written = (0..<2000).map { _ in (name: hostile(), subject: hostile(), body: hostile()) }
        let messages = try written.enumerated().map { number, words in
            try message(UInt64(number), named: words.name, subject: words.subject, body: words.body)
        }
        let texts = messages.map { $0.text(linesEndingIn: "\n") }
        for text in texts {
            #expect(text.utf8.allSatisfy { $0 < 127 && ($0 >= 32 || $0 == UInt8(ascii: "\n")) })
            #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 78 && $0 != "." })
        }
        for (words, mail) in zip(written, try await ParsedMail.read(texts)) {
            #expect(mail.headers.map { $0[0] } == Self.names)
            #expect(mail.defects == [])
            #expect(mail.recipients == ["me@example.com"] && mail.sender == "billing@cloud.example")
            #expect(mail["Subject"] == Self.shown(words.subject), "\(words)")
            // Python's reader of names joins and parts words as it likes.
            #expect(Self.packed(mail.senderName) == Self.packed(Self.shown(words.name)), "\(words)")
            let body = words.body.last == "\n" ? words.body : words.body + "\n"
            #expect(mail.body.unicodeScalars.elementsEqual(body.unicodeScalars), "\(words)")
        }
    }

    private static func packed(_ text: String) -> String { text.filter { !$0.isWhitespace } }

    /// Control characters become spaces; what is invisible goes.
    private static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.compactMap { scalar -> Unicode.Scalar? in
            switch scalar {
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}": " "
            case "\u{200D}", "\u{202E}": nil
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars)).trimmingCharacters(in: .whitespaces)
    }

    @Test(
        arguments: [
            ("a,b@x.example", #""a,b"@x.example"#), ("-oQ/tmp@x.example", #""-oQ/tmp"@x.example"#),
            (#"a"b\c@x.example"#, #""a\"b\\c"@x.example"#), ("<a>@x.example", #""<a>"@x.example"#),
            ("a..b@x.example", #""a..b"@x.example"#), ("o'hara+tag@x.example", "o'hara+tag@x.example"),
        ])
    func anAddressThatMailSystemsWouldMisreadIsQuoted(address: String, written: String) async throws {
        let message = try message(1, to: address)
        #expect(message.recipient.text == written)
        let mail = try #require(try await ParsedMail.read([message.text(linesEndingIn: "\n")]).first)
        #expect(mail.recipients == [address] && mail.defects == [])
    }

    @Test(
        arguments: [
            "", "@", "me@", "@x.example", "me", "me@x..example", "me@-x.example", "me@x.example\n", "me@x.exam ple",
            "me\r\nBcc: you@x.example", "mé@x.example", "me@x.example>", "me@x,y.example", "me@[127.0.0.1]",
            String(repeating: "a", count: 250) + "@x.example",
        ])
    func whatIsNoAddressIsNone(text: String) {
        #expect(MailAddress(text) == nil)
    }
}
