import Cloud
import Foundation
import Testing

@Suite struct SSHPublicKeyTests {
    let made: [String]
    let ed25519: String
    let ecdsa: String

    private static let shared = Task { try await SSHKeygen.publicKeys() }

    init() async throws {
        made = try await Self.shared.value
        ed25519 = made[0].trimmingCharacters(in: .newlines)
        ecdsa = made[1].trimmingCharacters(in: .newlines)
    }

    @Test func acceptsEveryKindAndWritesItAnew() async throws {
        let hardware = [try SSHBlob.hardware(like: ed25519).line, try SSHBlob.hardware(like: ecdsa).line]
        let large = SSHBlob.rsa(modulus: SSHBlob.modulus(bits: 16384)).line
        let texts = made + hardware + [large]
        var algorithms: Set<SSHPublicKey.Algorithm> = []
        for (text, judged) in zip(texts, try await SSHKeygen.fingerprints(of: texts)) {
            let key = try SSHPublicKey(text)
            #expect([key.fingerprint] == judged)
            #expect(key.line == text.trimmingCharacters(in: .newlines))
            #expect(try SSHPublicKey(key.line) == key)
            algorithms.insert(key.algorithm)
        }
        #expect(algorithms == Set(SSHPublicKey.Algorithm.allCases))
    }

    @Test func toleratesWhiteSpaceAroundItsParts() throws {
        let parts = ed25519.split(separator: " ")
        let key = try SSHPublicKey(" \t\r\n \(parts[0]) \t \(parts[1])\t  \(parts[2])  \r\n\n")
        #expect(key.line == ed25519)
        // ssh-keygen takes a carriage return for white space at the end only.
        #expect(try refusal(of: "\r" + ed25519).hasPrefix("An SSH public key is one line"))
    }

    @Test(arguments: [
        ("ana@laptop", "ana@laptop"), ("A-Z_a.z0", "A-Z_a.z0"), ("", ""), ("John Smith laptop", ""), ("josé", ""),
        ("$(reboot)", ""), ("a\"b", ""), ("a\u{0}b", ""), ("a\u{2028}b", ""), ("a\u{b}b", ""), ("#hash", ""),
        ("a,b", ""),
        (String(repeating: "a", count: 64), String(repeating: "a", count: 64)), (String(repeating: "a", count: 65), ""),
    ])
    func keepsAHarmlessCommentAndLeavesOutOthers(_ comment: String, _ kept: String) throws {
        let bare = ed25519.split(separator: " ").prefix(2).joined(separator: " ")
        let key = try SSHPublicKey("\(bare) \(comment)")
        #expect(key.comment == kept)
        #expect(key.line == (kept.isEmpty ? bare : "\(bare) \(kept)"))
        #expect(try key.fingerprint == SSHPublicKey(ed25519).fingerprint)
    }

    // MARK: Pasted by mistake

    @Test func refusesAPrivateKeyWithoutRepeatingIt() async throws {
        let secret = try await SSHKeygen.privateKey()
        let body = secret.split(separator: "\n").dropFirst().dropLast().joined()
        let long = "-----BEGIN RSA PRIVATE KEY-----\n" + String(repeating: "MIIEpAIBAAKCAQEA\n", count: 600)
        for text in [secret, secret.replacing("\n", with: " "), long, "PuTTY-User-Key-File-3: ssh-ed25519\n"] {
            let sentence = try refusal(of: text)
            #expect(sentence.hasPrefix("This is a private key"))
            #expect(!sentence.contains(body.prefix(40)))
        }
    }

    @Test(arguments: [
        ("", "Paste an SSH public key"),
        (" \r\n\t", "Paste an SSH public key"),
        ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", "This is not OpenSSH's format"),
        ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----", "This is not OpenSSH's format"),
        ("ssh-dss AAAAB3NzaC1kc3MAAACB", "DSA keys are too weak"),
        ("ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5", "This is an SSH certificate"),
        ("ssh-ed25519", "The key itself is missing"),
        ("ssh-ed25519 \t", "The key itself is missing"),
        ("SSH-ED25519 AAAA", "An SSH public key begins with its type"),
        ("hunter2", "An SSH public key begins with its type"),
    ])
    func saysWhatWasPastedInstead(_ text: String, _ beginning: String) throws {
        let sentence = try refusal(of: text)
        #expect(sentence.hasPrefix(beginning))
        #expect(!sentence.contains("hunter2"))
    }

    @Test func refusesOptions() throws {
        for options in ["command=\"reboot\"", "restrict,pty", "*.example.com", "from=\"10.0.0.1\" cert-authority"] {
            #expect(try refusal(of: "\(options) \(ed25519)").hasPrefix("Options in front"))
        }
    }

    @Test func refusesMoreThanOneLine() throws {
        for separator in ["\n", "\r", "\r\n"] {
            #expect(try refusal(of: ed25519 + separator + ecdsa).hasPrefix("An SSH public key is one line"))
            #expect(try refusal(of: ed25519.replacing(" ", with: separator)).hasPrefix("An SSH public key is one line"))
        }
    }

    @Test func takes8192BytesAndNoMore() throws {
        let padding = String(repeating: "x", count: 8192 - ed25519.utf8.count)
        #expect(try SSHPublicKey(ed25519 + padding).comment.isEmpty)
        #expect(try refusal(of: ed25519 + padding + "x").hasPrefix("An SSH public key has at most 8192"))
    }

    // MARK: Damaged

    @Test func refusesBase64OfAnyOtherSpelling() throws {
        let parts = ecdsa.split(separator: " ").map(String.init)
        let unpadded = parts[1].replacing("=", with: "")
        try #require(unpadded.count < parts[1].count)
        let stem = String(unpadded.dropLast())
        let looseBits = "\(stem)\(unpadded.last == "A" ? "B" : "B")="
        for base64 in [unpadded, parts[1] + "=", parts[1] + "AAAA", "\(parts[1])!", "-_" + parts[1], looseBits] {
            let sentence = try refusal(of: "\(parts[0]) \(base64)")
            #expect(sentence.hasPrefix("The key's second part") || sentence.hasPrefix("The key is incomplete"))
        }
    }

    @Test func refusesATypeThatIsNotTheKeys() throws {
        let bytes = try SSHBlob(line: ed25519).bytes
        for algorithm in SSHPublicKey.Algorithm.allCases where algorithm != .ed25519 {
            let line = SSHBlob.line(type: algorithm.rawValue, bytes)
            #expect(try refusal(of: line).hasPrefix("The type in front"))
        }
    }

    @Test func refusesEveryTruncationAndAnyExtension() throws {
        let hardware = try SSHBlob.hardware(like: ecdsa).line
        for text in made + [hardware] {
            let blob = try SSHBlob(line: text)
            let type = String(decoding: blob.strings[0], as: UTF8.self)
            for count in 1..<blob.bytes.count {
                _ = try refusal(of: SSHBlob.line(type: type, Array(blob.bytes.prefix(count))))
            }
            for extra in [[0], [0, 0, 0, 0], [0, 0, 0, 1, 7]] as [[UInt8]] {
                #expect(
                    try refusal(of: SSHBlob.line(type: type, blob.bytes + extra)).hasPrefix("The key is incomplete"))
            }
        }
    }

    @Test func refusesPointsThatAreNotOnTheCurve() throws {
        for text in made[1...3] {
            var blob = try SSHBlob(line: text)
            blob.strings[2][blob.strings[2].count - 1] ^= 1
            #expect(try refusal(of: blob.line).hasPrefix("The ECDSA key is no point"))
            blob = try SSHBlob(line: text)
            blob.strings[2] = [2] + blob.strings[2].dropFirst().prefix((blob.strings[2].count - 1) / 2)
            #expect(try refusal(of: blob.line).hasPrefix("The key is incomplete"))
        }
        var swapped = try SSHBlob(line: made[1])
        swapped.strings[1] = Array("nistp384".utf8)
        #expect(try refusal(of: swapped.line).hasPrefix("The key is incomplete"))
    }

    @Test func refusesHardwareKeysWithoutASoundApplication() throws {
        for application in ["", "ssh:\u{0}", "ssh: x", "ssh:é", String(repeating: "s", count: 256)] {
            let blob = try SSHBlob.hardware(like: ed25519, application: application)
            #expect(try refusal(of: blob.line).hasPrefix("The key is incomplete"))
        }
        #expect(throws: Never.self) { try SSHPublicKey(SSHBlob.hardware(like: ed25519, application: "ssh:work").line) }
    }

    @Test func refusesRSAKeysOfOtherLengths() throws {
        for bits in [512, 1024, 2040, 16392] {
            let blob = SSHBlob.rsa(modulus: SSHBlob.modulus(bits: bits))
            #expect(try refusal(of: blob.line).hasPrefix("RSA keys of 2048 to 16384 bits"))
        }
        // 2047 bits: as many bytes as 2048 take, but for the sign.
        let short = [0x40] + [UInt8](repeating: 0x5A, count: 254) + [1]
        #expect(try refusal(of: SSHBlob.rsa(modulus: short).line).hasPrefix("RSA keys of 2048"))
        #expect(throws: Never.self) { try SSHPublicKey(SSHBlob.rsa(modulus: SSHBlob.modulus(bits: 2048)).line) }
    }

    @Test(
        arguments: [
            [1], [2], [1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1],
        ] as [[UInt8]])
    func refusesRSAExponentsThatMakeNoKey(_ exponent: [UInt8]) throws {
        let blob = SSHBlob.rsa(exponent: exponent, modulus: SSHBlob.modulus(bits: 2048))
        #expect(try refusal(of: blob.line).hasPrefix("The RSA key's numbers"))
    }

    @Test func refusesAnEvenModulus() throws {
        let even = Array(SSHBlob.modulus(bits: 2048).dropLast()) + [2]
        #expect(try refusal(of: SSHBlob.rsa(modulus: even).line).hasPrefix("The RSA key's numbers"))
    }

    @Test func refusesIntegersInAnyOtherForm() throws {
        let modulus = SSHBlob.modulus(bits: 2048)
        let wrong: [SSHBlob] = [
            .rsa(exponent: [], modulus: modulus), .rsa(exponent: [0], modulus: modulus),
            .rsa(exponent: [0, 3], modulus: modulus), .rsa(exponent: [0x83], modulus: modulus),
            .rsa(modulus: []), .rsa(modulus: [0] + modulus), .rsa(modulus: Array(modulus.dropFirst())),
        ]
        for blob in wrong {
            #expect(try refusal(of: blob.line).hasPrefix("The key is incomplete"))
        }
    }

    @Test func survivesLengthsBeyondTheBlob() throws {
        let bytes = try SSHBlob(line: ed25519).bytes
        for length in [0, 1, 12, 52, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] as [UInt32] {
            for position in [0, 15] {
                var edited = bytes
                edited.replaceSubrange(
                    position..<(position + 4), with: withUnsafeBytes(of: length.bigEndian, Array.init))
                _ = try refusal(of: SSHBlob.line(type: "ssh-ed25519", edited))
            }
        }
    }

    /// The sentence with which `text` is refused, the same beside the field and at the top.
    private func refusal(of text: String) throws -> String {
        let refusal = try #require(throws: Refusal.self) { try SSHPublicKey(text) }
        #expect(refusal.code == .invalid)
        #expect(refusal.fields == ["public_key": refusal.sentence])
        return refusal.sentence
    }
}
