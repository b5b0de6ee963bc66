import Kernel

extension Domains {
    /// Has a domain's answers signed (DNSSEC), or no more. Safe to ask for twice.
    ///
    /// Signed answers are believed once the registry publishes the DS records, which it is told of itself. The
    /// signature ends only a day after those were withdrawn: resolvers that still know them refuse answers without.
    ///
    /// - Throws: `Refusal`: `notFound`, `invalid` with `enabled` when nil; `invalidState` unless it is active;
    ///   `unavailable`; `Unmet` as `repeat.record` when another request of the same Idempotency-Key was first.
    package func setSigning(
        _ isWanted: Bool?, of id: String, by requester: Requester, once: Once<Domain> = .unrepeated
    ) async throws -> Domain {
        _ = try requireService()
        for _ in 0..<Self.tries {
            let domain = try await find(id, of: requester.account)
            try once.requireSound()
            guard let isWanted else {
                throw Refusal(.invalid, "Missing: enabled", fields: ["enabled": "is required: true or false"])
            }
            guard domain.state == .active else {
                throw Refusal(
                    .invalidState,
                    "The domain is \(domain.state.rawValue). Its answers can be signed while it is active")
            }
            let now = time.now
            guard domain.isToBeSigned != isWanted else {
                try await once.record(domain, for: domain.account, at: now, in: database)
                return domain
            }
            var changed = domain
            changed.isToBeSigned = isWanted
            let begins = isWanted && !domain.isSigned
            if begins {
                changed.isSigned = true
                changed.version = domain.version.next
            }
            var writes = [Self.signing(domain, becomes: changed)]
            if begins {
                writes.append(try history(.sign, of: changed, ZoneDifference(), by: requester, at: now))
                writes.append(SyncZone.wake(domain.id, at: now))
            }
            writes.append(
                try audit().entry(
                    isWanted ? "domain.dnssec-on" : "domain.dnssec-off", on: domain.id.text, by: requester,
                    once: once.key))
            writes += try KeepSigned.starting(domain.id, at: now, from: randomness)
            writes += once.writes(recording: changed, for: domain.account, at: now)
            do {
                try await database.commit(writes)
            } catch let unmet as Unmet where unmet.label == "domain.signing" {
                continue
            }
            wake()
            return changed
        }
        throw Self.changingTooFast
    }

    private static func signing(_ domain: Domain, becomes changed: Domain) -> Write {
        Write(
            "domain.signing",
            """
            UPDATE domains SET dnssec = \(changed.isToBeSigned), signed = \(changed.isSigned),
                zone_version = \(changed.version)
            WHERE id = \(domain.id) AND state = 'active' AND zone_version = \(domain.version)
                AND dnssec = \(domain.isToBeSigned) AND signed = \(domain.isSigned)
            """)
    }
}
