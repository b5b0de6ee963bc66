import Cloud
import Fakes
import Foundation
import Testing

@Suite struct SSHPublicKeyAgreementTests {
    /// 10 000 mutated keys with `CAIPORT_PROOF=1`, otherwise 400; `CAIPORT_SEED` repeats a run that failed.
    @Test func acceptsNothingThatSSHKeygenRefuses() async throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["CAIPORT_PROOF"] == "1" ? 10_000 : 400
        let seed = environment["CAIPORT_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
        let randomness = SeededRandomness(seed: seed)
        let mutate = SSHKeyMutation(randomness: randomness)
        let originals = try await originals()
        let texts = (0..<count).map { _ in mutate(randomness.element(of: originals)) }

        let judgements = try await SSHKeygen.fingerprints(of: texts)
        var accepted: [SSHPublicKey] = []
        var agreedRefusals = 0
        for (text, judged) in zip(texts, judgements) {
            guard let key = try? SSHPublicKey(text) else {
                agreedRefusals += judged.isEmpty ? 1 : 0
                continue
            }
            accepted.append(key)
            #expect(judged == [key.fingerprint], "seed \(seed): \(text.debugDescription)")
        }
        // Otherwise the mutations are too mild or too wild to show anything.
        #expect(accepted.count > count / 50, "seed \(seed)")
        #expect(agreedRefusals > count / 4, "seed \(seed)")

        let rewritten = try await SSHKeygen.fingerprints(of: accepted.map(\.line))
        #expect(rewritten == accepted.map { [$0.fingerprint] }, "seed \(seed)")
        for key in accepted {
            #expect(try SSHPublicKey(key.line) == key, "seed \(seed): \(key.line)")
        }
    }

    private func originals() async throws -> [String] {
        let made = try await SSHKeygen.publicKeys().map { $0.trimmingCharacters(in: .newlines) }
        return made + [
            try SSHBlob.hardware(like: made[0]).line, try SSHBlob.hardware(like: made[1]).line,
            try await SSHKeygen.publicKey(of: ["-t", "rsa", "-b", "1024"]).trimmingCharacters(in: .newlines),
            SSHBlob.rsa(modulus: SSHBlob.modulus(bits: 2048)).line,
            SSHBlob.rsa(modulus: SSHBlob.modulus(bits: 16384)).line,
            SSHBlob.rsa(exponent: [3], modulus: SSHBlob.modulus(bits: 4096)).line,
        ]
    }
}
