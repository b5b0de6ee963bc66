import Cloud
import Fakes
import Kernel
import Testing

/// One account has a name and all below it, however another writes it.
@Suite struct OverlapTests {
    /// How a name of one account lies to what another asks for.
    private enum Overlap: CaseIterable {
        case same, above, below, twin

        func of(_ name: String) -> [String] {
            switch self {
            case .same: [name]
            // The ending itself, and what is between.
            case .above:
                name.split(separator: ".").indices.dropFirst().map { at in
                    name.split(separator: ".")[at...].joined(separator: ".")
                }
            case .below: ["www.\(name)", "a.b.\(name)", "*.\(name)", "xn--bcher-kva.\(name)"]
            case .twin: Self.twins[name] ?? []
            }
        }

        static let twins = [
            "bücher.com": ["xn--bcher-kva.com", "bu\u{308}cher.com", "ｂücher.com", "bücher。com"],
            "faß.com.au": ["xn--fa-hia.com.au"],
            "日本語.dev": ["xn--wgv71a119e.dev", "日本語．dev"],
        ]
    }

    private static let writings: [@Sendable (String) -> String] = [
        { $0 }, { $0 + "." },
        // "ß" in capitals is another name.
        { String($0.map { $0.isASCII ? Character($0.uppercased()) : $0 }) },
        { $0.prefix(1).uppercased() + $0.dropFirst() + "." },
    ]

    @Test(arguments: ["mine.com", "mine.com.au", "mine.net.au", "mine.au", "bücher.com", "faß.com.au", "日本語.dev"])
    func noWritingGivesAnotherAccountAnOverlappingName(held: String) async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let accounts = [try await cloud.test.makeAccount(), try await cloud.test.makeAccount()]
            for account in accounts { try await cloud.domains.setRegistrant(.sample, by: cloud.requester(account)) }
            let domain = try await cloud.register(held, for: accounts[0])
            var asked = 0
            // Pending, active and deleted: it is the account's all the time.
            for state in [DomainState.pending, .active, .deleted] {
                if state == .deleted {
                    _ = try await cloud.domains.delete(domain.id.text, by: cloud.requester(accounts[0]))
                }
                for overlap in Overlap.allCases {
                    for name in overlap.of(held).flatMap({ name in Self.writings.map { $0(name) } }) {
                        let refusal = await #expect(throws: Refusal.self, "\(state): \(name)") {
                            try await cloud.register(name, for: accounts[1])
                        }
                        let isOfTheName = [.same, .twin].contains(overlap)
                        #expect(refusal?.code == (isOfTheName ? .conflict : .invalid), "\(state): \(name)")
                        #expect(isOfTheName || refusal?.fields["domain"] != nil, "\(state): \(name)")
                        let quote = try? await cloud.domains.check(name, by: accounts[1])
                        #expect(quote?.isAvailable != true, "\(state): \(name)")
                        asked += 1
                    }
                }
                try await cloud.test.settle()
            }
            #expect(asked > 60)
            #expect(try await cloud.domains.list(of: accounts[1]) == [])
            #expect(try await cloud.orders() == ["register done"])
        }
    }
}
