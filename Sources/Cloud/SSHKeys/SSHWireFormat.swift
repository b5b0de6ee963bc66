import Crypto

/// SSH's encoding of public keys (RFC 4251 section 5, RFC 4253 section 6.6): strings and integers, each
/// behind its length in four bytes.
struct SSHWireFormat {
    private var rest: ArraySlice<UInt8>

    /// Checks that `blob` is one whole key of this algorithm and nothing more.
    ///
    /// - Throws: `SSHKeyFault`.
    static func check(_ blob: [UInt8], is algorithm: SSHPublicKey.Algorithm) throws {
        var reader = SSHWireFormat(rest: blob[...])
        guard let name = reader.string() else { throw SSHKeyFault.damaged }
        guard name.elementsEqual(algorithm.rawValue.utf8) else { throw SSHKeyFault.otherAlgorithmInside }
        switch algorithm {
        case .ed25519:
            try reader.skipEd25519Key()
        case .hardwareEd25519:
            try reader.skipEd25519Key()
            try reader.skipApplication()
        case .ecdsaP256:
            try reader.skipPoint(of: .p256)
        case .ecdsaP384:
            try reader.skipPoint(of: .p384)
        case .ecdsaP521:
            try reader.skipPoint(of: .p521)
        case .hardwareECDSAP256:
            try reader.skipPoint(of: .p256)
            try reader.skipApplication()
        case .rsa:
            try reader.skipRSANumbers()
        }
        guard reader.rest.isEmpty else { throw SSHKeyFault.damaged }
    }

    // MARK: What keys are made of

    private mutating func skipEd25519Key() throws {
        guard string()?.count == 32 else { throw SSHKeyFault.damaged }
    }

    /// A hardware key's application, `ssh:` unless its owner chose another.
    private mutating func skipApplication() throws {
        guard let name = string(), (1...255).contains(name.count), name.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw SSHKeyFault.damaged }
    }

    private enum Curve: String {
        case p256 = "nistp256"
        case p384 = "nistp384"
        case p521 = "nistp521"

        /// Uncompressed: 4, x, y.
        var pointBytes: Int {
            switch self {
            case .p256: 65
            case .p384: 97
            case .p521: 133
            }
        }

        func contains(_ point: ArraySlice<UInt8>) -> Bool {
            let point = Array(point)
            return switch self {
            case .p256: (try? P256.Signing.PublicKey(x963Representation: point)) != nil
            case .p384: (try? P384.Signing.PublicKey(x963Representation: point)) != nil
            case .p521: (try? P521.Signing.PublicKey(x963Representation: point)) != nil
            }
        }
    }

    private mutating func skipPoint(of curve: Curve) throws {
        guard let name = string(), name.elementsEqual(curve.rawValue.utf8),
            let point = string(), point.count == curve.pointBytes, point.first == 4
        else { throw SSHKeyFault.damaged }
        guard curve.contains(point) else { throw SSHKeyFault.notOnCurve }
    }

    private mutating func skipRSANumbers() throws {
        guard let exponent = positiveInteger(), let modulus = positiveInteger() else { throw SSHKeyFault.damaged }
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard (2048...16384).contains(bits) else { throw SSHKeyFault.rsaLength }
        // OpenSSL takes no exponent beyond 64 bits with a large modulus.
        guard isOdd(modulus), isOdd(exponent), exponent.count <= 8, !exponent.elementsEqual([1]) else {
            throw SSHKeyFault.rsaNumbers
        }
    }

    private func isOdd(_ number: ArraySlice<UInt8>) -> Bool {
        number.last.map { $0 & 1 == 1 } ?? false
    }

    // MARK: What the encoding is made of

    private mutating func string() -> ArraySlice<UInt8>? {
        guard rest.count >= 4 else { return nil }
        let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard count <= rest.count - 4 else { return nil }
        let string = rest.dropFirst(4).prefix(count)
        rest = rest.dropFirst(4 + count)
        return string
    }

    /// The bytes of an integer above zero in its one canonical form, without the zero that stands for its sign.
    private mutating func positiveInteger() -> ArraySlice<UInt8>? {
        guard let bytes = string(), let first = bytes.first, first < 0x80 else { return nil }
        guard first == 0 else { return bytes }
        let magnitude = bytes.dropFirst()
        guard let leading = magnitude.first, leading >= 0x80 else { return nil }
        return magnitude
    }
}
