import Fakes
import Foundation
import Kernel
import Providers
import Testing

@Suite struct HostKeyTests {
    @Test func isWhatOpenSSHReadsAndPrints() async throws {
        for seed in UInt64(1)...8 {
            let key = try HostKey(from: SeededRandomness(seed: seed))
            let path = FileManager.default.temporaryDirectory.path + "/host-key-\(SystemRandomness().bytes(6).hex)"
            defer { unlink(path) }
            #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]))
            try key.privateFile.exposed.write(toFile: path, atomically: false, encoding: .utf8)

            let publicLine = try await runProgram("ssh-keygen", ["-y", "-f", path], limit: .seconds(10))
            #expect(publicLine.output.split(separator: "\n").first.map(String.init) == key.publicLine)
            let fingerprint = try await runProgram("ssh-keygen", ["-lf", path], limit: .seconds(10))
            let expected = try #require(HostKey.fingerprint(of: key.publicLine))
            #expect(fingerprint.output.contains(" \(expected) "))
        }
    }

    @Test func neverPrintsItsPrivateHalf() throws {
        let key = try HostKey(from: SeededRandomness(seed: 7))
        #expect(!"\(key)".contains("PRIVATE"))
        #expect(key.privateFile.exposed.contains("PRIVATE"))
    }

    @Test func hasNoFingerprintWithoutAKey() {
        for line in ["", "ssh-ed25519", "ssh-ed25519 ???"] { #expect(HostKey.fingerprint(of: line) == nil) }
    }
}
