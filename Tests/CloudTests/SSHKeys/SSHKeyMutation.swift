import Fakes
import Foundation

/// Breaks SSH public keys in ways that a careless paste or a hostile mind would.
struct SSHKeyMutation {
    let randomness: SeededRandomness

    /// `line` after one to three changes, some to the text, some to the bytes within.
    func callAsFunction(_ line: String) -> String {
        var text = line
        for _ in 0...randomness.number(below: 3) {
            text = randomness.number(below: 2) == 0 ? withChangedText(text) : withChangedBlob(text)
        }
        return text
    }

    private static let pieces = [
        " ", "\t", "\n", "\r", "\0", "#", "\"", "\\", "=", "+", "/", "A", "-", "é", "\u{2028}", "0 ", "1024 3 ",
        "command=\"ls\" ", "restrict ", "x ", " ssh-rsa ", "AAAA", "====", "-cert-v01@openssh.com",
    ]

    private static let types =
        [
            "ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "ssh-rsa-cert-v01@openssh.com",
            "rsa-sha2-256", "ED25519", "RSA",
        ]

    private func withChangedText(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        let position = randomness.number(below: scalars.count + 1)
        let piece = Array(randomness.element(of: Self.pieces).unicodeScalars)
        switch randomness.number(below: 11) {
        case 0: scalars.insert(contentsOf: piece, at: position)
        case 1: scalars = piece + scalars
        case 2: scalars += piece
        case 3: scalars.removeSubrange(position..<min(scalars.count, position + 1 + randomness.number(below: 4)))
        case 4: scalars.replaceSubrange(position..<min(scalars.count, position + piece.count), with: piece)
        case 5: scalars = Array(scalars.prefix(position))
        case 6:
            let rest = scalars.drop { $0 != " " }
            scalars = Array(randomness.element(of: Self.types).unicodeScalars) + rest
        default:
            let words = String(String.UnicodeScalarView(scalars)).split(
                separator: " ", omittingEmptySubsequences: false)
            let comment = randomness.element(of: ["", "ana@laptop", "John Smith", "#x", "ünï", "a\tb", "\u{1}"])
            return words.prefix(2).joined(separator: " ") + " " + comment
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private func withChangedBlob(_ text: String) -> String {
        var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count > 1, let data = Data(base64Encoded: words[1]), !data.isEmpty else { return text }
        words[1] = Data(changed(Array(data))).base64EncodedString()
        return words.joined(separator: " ")
    }

    private func changed(_ blob: [UInt8]) -> [UInt8] {
        var bytes = blob
        let position = randomness.number(below: bytes.count)
        switch randomness.number(below: 7) {
        case 0: bytes[position] ^= 1 << UInt8(randomness.number(below: 8))
        case 1: bytes.insert(contentsOf: randomness.bytes(1 + randomness.number(below: 4)), at: position)
        case 2: bytes.remove(at: position)
        case 3: bytes = Array(bytes.prefix(position))
        case 4: bytes += randomness.bytes(1 + randomness.number(below: 8))
        default: bytes = withChangedStrings(bytes) ?? bytes
        }
        return bytes
    }

    /// Changes one of the blob's strings as a whole, so that all lengths still fit.
    private func withChangedStrings(_ bytes: [UInt8]) -> [UInt8]? {
        let line = SSHBlob.line(type: "x", bytes)
        guard isWhole(bytes), var blob = try? SSHBlob(line: line), !blob.strings.isEmpty else { return nil }
        let index = randomness.number(below: blob.strings.count)
        switch randomness.number(below: 9) {
        case 0: blob.strings[index] = Array(randomness.element(of: Self.types).utf8)
        case 1: blob.strings[index] = []
        case 2: blob.strings[index].insert(0, at: 0)
        case 3: blob.strings[index] = Array(blob.strings[index].dropFirst())
        case 4: blob.strings[index] = randomness.bytes(blob.strings[index].count)
        case 5: blob.strings.swapAt(index, randomness.number(below: blob.strings.count))
        case 6: blob.strings.remove(at: index)
        case 7: blob.strings.append(Array(randomness.element(of: ["ssh:", "ssh:\0", "", "nistp256"]).utf8))
        default: blob.strings[index] = randomness.bytes(randomness.number(below: 600))
        }
        return blob.bytes
    }

    private func isWhole(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while rest.count >= 4 {
            let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard count <= rest.count - 4 else { return false }
            rest = rest.dropFirst(4 + count)
        }
        return rest.isEmpty
    }
}
