import Foundation
import Testing

/// A key's strings in SSH's wire format, to take apart and to put together wrongly.
struct SSHBlob {
    var strings: [[UInt8]]

    init(_ strings: [[UInt8]]) {
        self.strings = strings
    }

    /// Of a line `type base64 comment`.
    init(line: String) throws {
        let base64 = try #require(line.split(separator: " ").dropFirst().first)
        let bytes = Array(try #require(Data(base64Encoded: base64.trimmingCharacters(in: .whitespacesAndNewlines))))
        strings = []
        var position = 0
        while position < bytes.count {
            let count = bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
            strings.append(Array(bytes[(position + 4)..<(position + 4 + count)]))
            position += 4 + count
        }
    }

    var bytes: [UInt8] {
        strings.flatMap { string in withUnsafeBytes(of: UInt32(string.count).bigEndian) { Array($0) } + string }
    }

    /// The line that announces this key as what it says it is.
    var line: String {
        Self.line(type: String(decoding: strings[0], as: UTF8.self), bytes)
    }

    static func line(type: String, _ bytes: [UInt8]) -> String {
        "\(type) \(Data(bytes).base64EncodedString())"
    }

    /// An RSA key of these numbers, each as the bytes of an mpint.
    static func rsa(exponent: [UInt8] = [1, 0, 1], modulus: [UInt8]) -> SSHBlob {
        SSHBlob([Array("ssh-rsa".utf8), exponent, modulus])
    }

    /// A modulus of `bits`, a multiple of 8, that nobody will factor because nobody needs to.
    static func modulus(bits: Int) -> [UInt8] {
        [0, 0x80] + [UInt8](repeating: 0x5A, count: bits / 8 - 2) + [1]
    }

    /// What a security key would give for the key of `line`, Ed25519 or ECDSA on P-256.
    static func hardware(like line: String, application: String = "ssh:") throws -> SSHBlob {
        var blob = try SSHBlob(line: line)
        blob.strings[0] = Array("sk-".utf8) + blob.strings[0] + Array("@openssh.com".utf8)
        blob.strings.append(Array(application.utf8))
        return blob
    }
}
