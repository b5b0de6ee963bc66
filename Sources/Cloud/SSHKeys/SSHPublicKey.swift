import Crypto
import Foundation
import Kernel

/// A public key that may be installed on a server: parsed from what a customer pasted, and written anew, so
/// that nothing reaches a guest's `authorized_keys` but a type, base64 and a harmless comment.
///
/// The comment is kept when it is 1–64 of `A-Za-z0-9@._-`, as in `ana@laptop`, and left out otherwise: a key
/// commented `Ana's laptop` is a good key, and the account's list has a name for each key anyway.
package struct SSHPublicKey: Hashable, Sendable {
    package let algorithm: Algorithm
    /// The key in SSH's wire format, the algorithm's name included.
    package let blob: [UInt8]
    /// Empty, or 1–64 of `A-Za-z0-9@._-`.
    package let comment: String

    /// The names of RFC 4253, 5656 and 8709, and those of OpenSSH's PROTOCOL.u2f for keys in hardware.
    package enum Algorithm: String, CaseIterable, Sendable {
        case ed25519 = "ssh-ed25519"
        case ecdsaP256 = "ecdsa-sha2-nistp256"
        case ecdsaP384 = "ecdsa-sha2-nistp384"
        case ecdsaP521 = "ecdsa-sha2-nistp521"
        case rsa = "ssh-rsa"
        case hardwareEd25519 = "sk-ssh-ed25519@openssh.com"
        case hardwareECDSAP256 = "sk-ecdsa-sha2-nistp256@openssh.com"
    }

    /// Reads one line as `ssh-keygen` writes it to a `.pub` file: type, base64, comment; at most 8 KiB. Blank
    /// lines and spaces around it do not count. Accepts nothing that `ssh-keygen -lf` refuses.
    ///
    /// - Throws: `Refusal(.invalid)` naming the field `public_key`; it never repeats what was pasted, which
    ///   may be a private key.
    package init(_ text: String) throws {
        do {
            self = try Self.parse(text)
        } catch let fault as SSHKeyFault {
            throw Refusal(.invalid, fault.sentence, fields: ["public_key": fault.sentence])
        }
    }

    /// The key as a line of `authorized_keys`, without a line break.
    package var line: String {
        let key = "\(algorithm.rawValue) \(Data(blob).base64EncodedString())"
        return comment.isEmpty ? key : "\(key) \(comment)"
    }

    /// As `ssh-keygen -lf` prints it: `SHA256:` and 43 characters of base64. Two keys are the same when their
    /// fingerprints are, whatever their comments.
    package var fingerprint: String {
        let digest = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + digest.prefix { $0 != "=" }
    }

    private init(algorithm: Algorithm, blob: [UInt8], comment: String) {
        self.algorithm = algorithm
        self.blob = blob
        self.comment = comment
    }
}

extension SSHPublicKey {
    private static let longestText = 8192

    private static func parse(_ text: String) throws -> SSHPublicKey {
        let bytes = Array(text.utf8)
        try refuseOtherFormats(String(decoding: bytes.prefix(longestText), as: UTF8.self))
        guard bytes.count <= longestText else { throw SSHKeyFault.tooLong }

        let line = try onlyLine(of: bytes)
        let fields = line.split(maxSplits: 1, whereSeparator: isSpace)
        let algorithm = try algorithm(named: fields[0], before: fields.dropFirst().first ?? [])
        let rest = (fields.dropFirst().first ?? []).drop(while: isSpace)
        let base64 = rest.prefix { !isSpace($0) }
        guard !base64.isEmpty else { throw SSHKeyFault.keyMissing }

        let blob = try decodeBase64(base64)
        try SSHWireFormat.check(blob, is: algorithm)
        let comment = rest.dropFirst(base64.count).drop(while: isSpace)
        return SSHPublicKey(algorithm: algorithm, blob: blob, comment: kept(comment))
    }

    private static func refuseOtherFormats(_ text: String) throws {
        if text.contains("PRIVATE KEY") || text.contains("PuTTY-User-Key-File") || text.contains("openssh-key-v1") {
            throw SSHKeyFault.privateKey
        }
        if text.contains("---- BEGIN") || text.contains("-----BEGIN") {
            throw SSHKeyFault.otherFormat
        }
    }

    /// The one line that is not blank, without the white space at its ends. A carriage return is white space at
    /// the end of a line and nowhere else, as `ssh-keygen` has it.
    private static func onlyLine(of bytes: [UInt8]) throws -> ArraySlice<UInt8> {
        let lines = bytes.split(separator: UInt8(ascii: "\n")).map { line in
            var rest = line.drop(while: isSpace)
            while let last = rest.last, isSpace(last) || last == carriageReturn { rest.removeLast() }
            return rest
        }
        let written = lines.filter { !$0.isEmpty }
        guard let line = written.first else { throw SSHKeyFault.empty }
        guard written.count == 1, !line.contains(carriageReturn) else { throw SSHKeyFault.severalLines }
        return line
    }

    private static func algorithm(named name: ArraySlice<UInt8>, before rest: ArraySlice<UInt8>) throws -> Algorithm {
        let name = String(decoding: name, as: UTF8.self)
        if let algorithm = Algorithm(rawValue: name) { return algorithm }
        if name == "ssh-dss" { throw SSHKeyFault.dsa }
        if name.hasSuffix("-cert-v01@openssh.com") { throw SSHKeyFault.certificate }
        let isFollowedByAType = rest.split(whereSeparator: isSpace).contains {
            Algorithm(rawValue: String(decoding: $0, as: UTF8.self)) != nil
        }
        throw isFollowedByAType ? SSHKeyFault.options : SSHKeyFault.unknownAlgorithm
    }

    /// Only the one spelling that encoding gives: padded, no bits left over, no foreign character.
    private static func decodeBase64(_ text: ArraySlice<UInt8>) throws -> [UInt8] {
        guard let data = Data(base64Encoded: Data(text)), data.base64EncodedData() == Data(text) else {
            throw SSHKeyFault.badBase64
        }
        return Array(data)
    }

    private static func kept(_ comment: ArraySlice<UInt8>) -> String {
        let isHarmless = comment.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "@"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isHarmless && comment.count <= 64 ? String(decoding: comment, as: UTF8.self) : ""
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static let carriageReturn = UInt8(ascii: "\r")
}
