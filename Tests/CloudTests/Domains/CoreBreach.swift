import Cloud
import Fakes
import Kernel

extension Breach {
    func plantNames(in test: TestCloud, _ account: AccountID) async throws -> Expected {
        let id = "dm_00000000000000aa"
        let (version, synced) = self == .zoneBehind ? (2, 1) : self == .historyTorn ? (2, 2) : (1, 1)
        try await test.write(
            """
            INSERT INTO domains (id, account_id, name, state, registrar, zone_version, zone_synced, created_at)
            VALUES (\(id), \(account), 'mine.com', 'active', 'sandbox', \(version), \(synced), \(test.time.now))
            """)
        if self != .nameUnwatched { try await test.plantWork("keep-domain", on: "\(id)/term") }
        switch self {
        case .orderLost:
            try await test.write("UPDATE workflows SET open = 0 WHERE subject = \("\(id)/term")")
            try await test.write("UPDATE domains SET state = 'failed'")
            try await test.write(
                """
                INSERT INTO domain_orders (id, domain_id, account_id, kind, years, cents, state, ordered_at)
                VALUES ('do_1', \(id), \(account), 'register', 1, 0, 'open', \(test.time.now))
                """)
            return ["domains": [id]]
        case .purchaseUninvoiced, .purchaseNotReversed:
            let (order, state) = ("do_00000000000000aa", self == .purchaseUninvoiced ? "done" : "failed")
            try await test.write(
                """
                INSERT INTO domain_orders (id, domain_id, account_id, kind, years, cents, state, ordered_at)
                VALUES (\(order), \(id), \(account), 'register', 1, 2195, \(state), \(test.time.now))
                """)
            return ["purchases": self == .purchaseUninvoiced ? [order, account.text] : [order]]
        case .zoneBehind:
            try await test.write(
                """
                INSERT INTO dns_changes (domain_id, version, at, actor, act, sets)
                VALUES (\(id), 2, \(test.time.now), 'api', 'upsert', '{"added":[],"changed":[],"removed":[]}')
                """)
            return ["zones": ["\(id)/zone"]]
        case .signatureUnkept:
            try await test.write("UPDATE domains SET signed = 1")
            return ["domains": [id]]
        case .historyTorn: return ["zones": [id]]
        default: return ["domains": [id]]
        }
    }
}

extension TestCloud {
    /// An open workflow that waits.
    fileprivate func plantWork(_ kind: String, on subject: String) async throws {
        try await write(
            """
            INSERT INTO workflows (id, kind, subject, account_id, lane, step, state, run_at, created_at, note)
            VALUES (\("wf_\(randomness.bytes(8).hex)"), \(kind), \(subject), '', 0, 'watch', '{}',
                \(time.now + .seconds(86_400)), \(time.now), 'Watching')
            """)
    }
}
