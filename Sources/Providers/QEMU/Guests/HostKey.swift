import Crypto
import Foundation
import Kernel

/// A guest's SSH host key (Ed25519), made on the host: its fingerprint is known before the first boot, and
/// the guest is spared the making.
package struct HostKey: Sendable {
    /// The file format of OpenSSH, `openssh-key-v1`, without a passphrase.
    package let privateFile: Secret<String>
    /// `ssh-ed25519 AAAA…`
    package let publicLine: String

    /// - Throws: what Crypto throws for a seed that is not 32 bytes.
    package init(from randomness: some Randomness) throws {
        let seed = randomness.bytes(32)
        let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        let publicBytes = Array(key.publicKey.rawRepresentation)
        let blob = field("ssh-ed25519") + field(publicBytes)
        publicLine = "ssh-ed25519 " + Data(blob).base64EncodedString()
        privateFile = Secret(
            Self.file(seed: seed, publicBytes: publicBytes, blob: blob, check: randomness.bytes(4)))
    }

    /// `SHA256:` and unpadded Base64 of the key in a line of `authorized_keys` form; nil when it has none.
    package static func fingerprint(of publicLine: String) -> String? {
        let parts = publicLine.split(separator: " ")
        guard parts.count >= 2, let blob = Data(base64Encoded: String(parts[1])) else { return nil }
        let digest = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + digest.prefix { $0 != "=" }
    }

    /// The layout is that of PROTOCOL.key in OpenSSH's source.
    private static func file(seed: [UInt8], publicBytes: [UInt8], blob: [UInt8], check: [UInt8]) -> String {
        var secret = check + check + field("ssh-ed25519") + field(publicBytes) + field(seed + publicBytes) + field("")
        var padding: UInt8 = 1
        while secret.count % 8 != 0 {
            secret.append(padding)
            padding += 1
        }
        let header = Array("openssh-key-v1\0".utf8) + field("none") + field("none") + field("") + [0, 0, 0, 1]
        let base64 = Array(Data(header + field(blob) + field(secret)).base64EncodedString())
        let lines = stride(from: 0, to: base64.count, by: 70).map { String(base64[$0..<min($0 + 70, base64.count)]) }
        return (["-----BEGIN OPENSSH PRIVATE KEY-----"] + lines + ["-----END OPENSSH PRIVATE KEY-----", ""])
            .joined(separator: "\n")
    }
}

/// RFC 4251's `string`: the length in four bytes, then the bytes.
private func field(_ bytes: some Collection<UInt8>) -> [UInt8] {
    withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
}

private func field(_ text: String) -> [UInt8] { field(Array(text.utf8)) }
