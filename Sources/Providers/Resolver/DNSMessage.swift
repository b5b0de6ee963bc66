import Foundation

/// A question and its answer as they go over the wire (RFC 1035 §4).
enum DNSMessage {
    /// The size that crosses any network unbroken (DNS Flag Day 2020).
    private static let largestDatagram: UInt16 = 1232

    /// A question that wants no recursion, with EDNS (RFC 6891) so that larger answers need no second one by TCP.
    /// - Throws: `DNSError.badName`.
    static func question(_ id: UInt16, _ name: String, _ type: DNSType) throws(DNSError) -> [UInt8] {
        var bytes: [UInt8] = []
        // No flags; one question, and in the additional section the OPT record.
        for word in [id, 0, 1, 0, 0, 1] { bytes.append(word: word) }
        bytes += try encoded(name)
        bytes.append(word: type.rawValue)
        bytes.append(word: 1)
        bytes.append(0)
        bytes.append(word: 41)
        bytes.append(word: largestDatagram)
        bytes += [0, 0, 0, 0, 0, 0]
        return bytes
    }

    enum Reading: Equatable {
        case answer(DNSAnswer)
        /// It did not fit: to be asked by TCP.
        case truncated
        /// It answers something else: whoever asked goes on waiting.
        case stranger
    }

    /// - Throws: `DNSError.garbled` where it answers the question and cannot be read.
    static func read(_ bytes: [UInt8], answering question: [UInt8]) throws(DNSError) -> Reading {
        var reader = DNSReader(bytes: bytes)
        guard let id = reader.word(), let flags = reader.word(), let questions = reader.word(),
            let answers = reader.word(), reader.skip(4), id == DNSReader(bytes: question).word(at: 0),
            flags & 0x8000 != 0
        else { return .stranger }
        // A server that cannot read the question may leave it out.
        if questions > 0 {
            var asked = DNSReader(bytes: question, position: 12)
            guard questions == 1, let name = reader.name(), name == asked.name(), reader.word() == asked.word(),
                reader.word() == asked.word()
            else { return .stranger }
        }
        if flags & 0x0200 != 0 { return .truncated }
        var records: [DNSAnswer.Record] = []
        for _ in 0..<answers {
            guard let record = reader.record() else { throw .garbled }
            records.append(record)
        }
        let code: DNSAnswer.Code =
            switch flags & 0x000F {
            case 0: .noError
            case 3: .noSuchName
            case 5: .refused
            case let number: .other(Int(number))
            }
        return .answer(DNSAnswer(code: code, isAuthoritative: flags & 0x0400 != 0, records: records))
    }

    private static func encoded(_ name: String) throws(DNSError) -> [UInt8] {
        let text = name.hasSuffix(".") ? String(name.dropLast()) : name
        var bytes: [UInt8] = []
        for label in text.isEmpty ? [] : text.split(separator: ".", omittingEmptySubsequences: false) {
            let isPlain = label.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\\") }
            guard isPlain, (1...63).contains(label.utf8.count) else { throw .badName(name) }
            bytes.append(UInt8(label.utf8.count))
            bytes += label.utf8
        }
        bytes.append(0)
        guard bytes.count <= 255 else { throw .badName(name) }
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func append(word: UInt16) {
        append(UInt8(word >> 8))
        append(UInt8(word & 0xFF))
    }
}
