import Cloud
import Fakes
import Kernel
import Testing

/// The connection is lost while the database commits: what is said must be what is so.
@Suite struct UnknownCommitTests {
    @Test func aServerThatWasMadeIsAnswered() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let flaky = FlakyDatabase(test.database)
            let through = test.through(flaky)
            flaky.become(.losesCommits)
            let server = try await through.deploy(account)
            #expect(try await test.cloud.servers.list(of: account).map(\.id) == [server.id])
            let ended = try await through.cloud.servers.destroy(server.id.text, by: test.requester(account))
            #expect(ended.state == .terminated)
            try await test.settle()
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func whoeverCannotLookSaysThatItIsUnknown() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let flaky = FlakyDatabase(test.database)
            let through = test.through(flaky)
            flaky.become(.losesCommitsThenAnswersNothing)
            await #expect(throws: CommitUnknown.self) { try await through.deploy(account) }
            flaky.become(.well)
            let server = try #require(try await test.cloud.servers.list(of: account).first)
            flaky.become(.losesCommitsThenAnswersNothing)
            await #expect(throws: CommitUnknown.self) {
                try await through.cloud.servers.destroy(server.id.text, by: test.requester(account))
            }
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .terminated)
        }
    }
}
