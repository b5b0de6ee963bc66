import Foundation

/// The words of a record's presentation form (RFC 1035 §5.1) as bytes, so that two ways of writing one value are equal.
struct RecordWords: Hashable {
    let words: [[UInt8]]

    init(_ content: String, type: String) {
        let words = Self.words(of: Array(content.utf8))
        self.words =
            switch type {
            case "TXT": words
            // The tag knows no case, the value does.
            case "CAA": words.enumerated().map { $0.offset == 1 ? Self.lowered($0.element) : $0.element }
            case "AAAA": words.map { Self.address($0) ?? $0 }
            default: words.map(Self.lowered)
            }
    }

    private static func words(of text: [UInt8]) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8]?
        var isQuoted = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                isQuoted.toggle()
                word = word ?? []
            case UInt8(ascii: "\\"):
                let digits = text[index..<min(index + 3, text.count)]
                if digits.count == 3, let number = UInt8(String(decoding: digits, as: UTF8.self)) {
                    word = (word ?? []) + [number]
                    index += 3
                } else if index < text.count {
                    word = (word ?? []) + [text[index]]
                    index += 1
                }
            case UInt8(ascii: " ") where !isQuoted, UInt8(ascii: "\t") where !isQuoted:
                if let ended = word { words.append(ended) }
                word = nil
            default: word = (word ?? []) + [byte]
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    private static func lowered(_ word: [UInt8]) -> [UInt8] {
        word.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
    }

    private static func address(_ word: [UInt8]) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET6, String(decoding: word, as: UTF8.self), &bytes) == 1 ? bytes : nil
    }
}
