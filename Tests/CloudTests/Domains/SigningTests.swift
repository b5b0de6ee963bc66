import Cloud
import Fakes
import Kernel
import Providers
import Testing

/// Signed answers: the registry learns of the keys, and forgets them before the signature ends.
@Suite struct SigningTests {
    private func published(_ name: DomainName, by cloud: NamedCloud) async throws -> [DelegationSigner] {
        try #require(try await cloud.registrar.registration(of: name)).signers
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theRegistryPublishesTheKeysOfASignedZone(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let asked = try await cloud.domains.setSigning(true, of: id, by: requester)
            #expect(asked.isToBeSigned && asked.isSigned && asked.signers.isEmpty)
            try await cloud.test.settle()
            let signed = try await cloud.domains.show(id, of: account)
            #expect(cloud.zones.zone(domain.name)?.isSigned == true)
            #expect(signed.signers.count == 1)
            #expect(try await cloud.zones.signers(of: domain.name) == signed.signers)
            #expect(try await published(domain.name, by: cloud) == signed.signers)
            #expect(try await cloud.domains.setSigning(true, of: id, by: requester) == signed, "asked for twice")
            let history = try await cloud.domains.history(of: id, account: account).changes
            #expect(history.map(\.act) == [.sign])
            let audit = try await cloud.test.database.read(
                "SELECT action FROM audit WHERE subject = \(id) AND action LIKE 'domain.dnssec%'")
            #expect(try audit.map { try $0.text("action") } == ["domain.dnssec-on"])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theSignatureEndsADayAfterTheRegistryForgotIt(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            _ = try await cloud.domains.setSigning(true, of: id, by: requester)
            try await cloud.test.settle()
            let asked = try await cloud.domains.setSigning(false, of: id, by: requester)
            #expect(!asked.isToBeSigned && asked.isSigned)
            try await cloud.test.settle()
            #expect(try await published(domain.name, by: cloud) == [])
            #expect(cloud.zones.zone(domain.name)?.isSigned == true, "resolvers may know the key still")
            #expect(try await Books(cloud.test).faults() == [])
            cloud.test.time.advance(by: .seconds(86_000))
            try await cloud.test.settle(within: .seconds(60))
            #expect(cloud.zones.zone(domain.name)?.isSigned == true)
            cloud.test.time.advance(by: .seconds(400))
            try await cloud.test.settle()
            let plain = try await cloud.domains.show(id, of: account)
            #expect(!plain.isSigned && plain.signers.isEmpty)
            #expect(cloud.zones.zone(domain.name)?.isSigned == false)
            let last = try #require(try await cloud.domains.history(of: id, account: account).changes.first)
            #expect(last.act == .unsign && last.actor == "system")
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test func whoeverChangesHisMindWithinTheDayKeepsTheKey() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            for isWanted in [true, false, true] {
                _ = try await cloud.domains.setSigning(isWanted, of: id, by: requester)
                try await cloud.test.settle()
            }
            #expect(try await published(domain.name, by: cloud) == cloud.zones.signers(of: domain.name))
            cloud.test.time.advance(by: .seconds(2 * 86_400))
            try await cloud.test.settle()
            #expect(cloud.zones.zone(domain.name)?.isSigned == true)
            #expect(try await cloud.domains.show(id, of: account).signers.count == 1)
        }
    }

    @Test func signingThatWasNeverPublishedEndsAtOnce() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            cloud.zones.become(.out)
            _ = try await cloud.domains.setSigning(true, of: id, by: requester)
            _ = try await cloud.domains.setSigning(false, of: id, by: requester)
            cloud.zones.become(.well)
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(id, of: account).isSigned == false)
            #expect(cloud.zones.zone(domain.name)?.isSigned == false)
        }
    }

    @Test func keysThatAreLostAreReplacedAtTheRegistry() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            _ = try await cloud.domains.setSigning(true, of: domain.id.text, by: cloud.requester(account))
            try await cloud.test.settle()
            let before = try await published(domain.name, by: cloud)
            cloud.zones.wipe()
            try await cloud.domains.renewZones()
            try await cloud.test.settle()
            let after = try await published(domain.name, by: cloud)
            #expect(after != before)
            #expect(try await cloud.zones.signers(of: domain.name) == after)
            #expect(try await cloud.domains.show(domain.id.text, of: account).signers == after)
        }
    }

    @Test func aDeletedNamesKeysAreWithdrawn() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            _ = try await cloud.domains.setSigning(true, of: id, by: requester)
            try await cloud.test.settle()
            _ = try await cloud.domains.delete(id, by: requester)
            try await cloud.test.settle()
            #expect(try await published(domain.name, by: cloud) == [])
            _ = try await cloud.register(domain.name.text, for: account)
            cloud.test.time.advance(by: .seconds(86_401))
            try await cloud.test.settle()
            let restored = try await cloud.domains.show(id, of: account)
            #expect(restored.state == .active && !restored.isSigned)
            #expect(cloud.zones.zone(domain.name)?.isSigned == false)
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test func refusesWhatCannotBeSigned() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            let pending = try await cloud.register("mine.com", for: account)
            let requester = cloud.requester(account)
            await expectRefusal(.invalidState) {
                _ = try await cloud.domains.setSigning(true, of: pending.id.text, by: requester)
            }
            await expectRefusal(.invalid, field: "enabled") {
                _ = try await cloud.domains.setSigning(nil, of: pending.id.text, by: requester)
            }
            let stranger = cloud.requester(try await cloud.test.makeAccount())
            await expectRefusal(.notFound) {
                _ = try await cloud.domains.setSigning(nil, of: pending.id.text, by: stranger)
            }
        }
    }
}
