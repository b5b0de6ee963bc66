import Cloud
import Fakes
import Foundation
import Kernel
import Testing

@Suite struct SSHKeysTests {
    /// An Ed25519 key of this number: any 32 bytes are a public key's form.
    private func line(_ number: UInt8) -> String {
        func string(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, UInt8(bytes.count)] + bytes }
        let blob = string(Array("ssh-ed25519".utf8)) + string(Array(repeating: number, count: 32))
        return "ssh-ed25519 \(Data(blob).base64EncodedString()) me@host"
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func twentyAtTheMostAlsoWhenManyComeAtOnce(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let codes = await withTaskGroup(of: Refusal.Code?.self) { group in
                for number in 0..<30 {
                    group.addTask {
                        do {
                            _ = try await test.cloud.sshKeys.add(
                                name: nil, publicKey: line(UInt8(number)), by: test.requester(account))
                            return nil
                        } catch {
                            return (error as? Refusal)?.code ?? .unavailable
                        }
                    }
                }
                return await group.reduce(into: [Refusal.Code?]()) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 20)
            #expect(codes.compactMap { $0 }.allSatisfy { $0 == .invalid })
            #expect(try await test.cloud.sshKeys.list(of: account).count == 20)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aTwinIsAConflictAndARemovedKeyMayComeBack(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let requester = test.requester(account)
            let key = try await test.cloud.sshKeys.add(name: "laptop", publicKey: line(1), by: requester)
            let twin = await #expect(throws: Refusal.self) {
                try await test.cloud.sshKeys.add(name: "other", publicKey: line(1), by: requester)
            }
            #expect(twin?.code == .conflict)
            let stranger = test.requester(try await test.makeAccount())
            await #expect(throws: Refusal(.notFound, "No such SSH key")) {
                try await test.cloud.sshKeys.remove(key.id.text, by: stranger)
            }
            try await test.cloud.sshKeys.remove(key.id.text, by: requester)
            #expect(try await test.cloud.sshKeys.list(of: account) == [])
            _ = try await test.cloud.sshKeys.add(name: "laptop", publicKey: line(1), by: requester)
        }
    }

    @Test(arguments: ["", "   ", "a\u{202E}b", "a\nb", "a\u{1B}[1m", String(repeating: "n", count: 65)])
    func refusesANameThatCannotBeShown(name: String) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let refusal = await #expect(throws: Refusal.self) {
                try await test.cloud.sshKeys.add(name: name, publicKey: line(1), by: test.requester(account))
            }
            #expect(refusal?.fields.keys.sorted() == ["name"])
            #expect(try await test.cloud.sshKeys.list(of: account) == [])
        }
    }
}
