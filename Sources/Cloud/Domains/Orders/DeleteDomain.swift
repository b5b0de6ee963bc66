import Kernel

extension Domains {
    /// Takes a name off the account's list, with its zone and all records. The registration runs on until it expires,
    /// and is not renewed; until then the account gets the name back by registering it again. Safe to ask for twice.
    ///
    /// - Throws: `Refusal`: `notFound`, `busy` while it is registered, `invalidState`, `unavailable`; `Unmet` as
    ///   `repeat.record` when another request of the same Idempotency-Key was first.
    package func delete(
        _ id: String, by requester: Requester, once: Once<Domain> = .unrepeated
    ) async throws -> Domain {
        _ = try requireService()
        for _ in 0..<Self.tries {
            let zone = try await zone(of: id, account: requester.account)
            try once.requireSound()
            let now = time.now
            switch zone.domain.state {
            case .deleted:
                try await once.record(zone.domain, for: requester.account, at: now, in: database)
                return zone.domain
            case .pending:
                throw Refusal(
                    .busy, "The domain is being registered. A domain can be deleted when it is active; try again later",
                    retryAfter: .seconds(5))
            case .failed, .expired, .transferred:
                throw Refusal(
                    .invalidState,
                    "The domain is \(zone.domain.state.rawValue). A domain can be deleted when it is active")
            case .active:
                if let deleted = try await delete(zone, by: requester, once: once, at: now) { return deleted }
            }
        }
        throw Self.changingTooFast
    }

    /// Nil when it changed between the look and the commit.
    private func delete(
        _ zone: HeldZone, by requester: Requester, once: Once<Domain>, at now: Instant
    ) async throws -> Domain? {
        var deleted = zone.domain
        deleted.state = .deleted
        deleted.deletedAt = now
        deleted.autoRenews = false
        deleted.isToBeSigned = false
        deleted.version = zone.domain.version.next
        let deletion = Write(
            "domain.delete",
            """
            UPDATE domains SET state = 'deleted', deleted_at = \(now), auto_renew = 0, dnssec = 0,
                zone_version = \(deleted.version)
            WHERE id = \(deleted.id) AND state = 'active' AND zone_version = \(zone.domain.version)
            """)
        let records = Write(
            "records.delete", touching: Write.anyNumber, "DELETE FROM dns_records WHERE domain_id = \(deleted.id)")
        let writes = [
            deletion, records,
            try history(
                .delete, of: deleted, zone.records.difference(to: ZoneRecords(zone: deleted.name)),
                LinkChange.between(zone.rows, []), by: requester, at: now),
            try audit().entry(
                "domain.delete", on: deleted.id.text, by: requester, once: once.key,
                detail: ["domain": deleted.name.text]),
            SyncZone.wake(deleted.id, at: now), KeepSigned.wake(deleted.id, at: now),
        ]
        do {
            try await database.commit(writes + once.writes(recording: deleted, for: deleted.account, at: now))
        } catch let unmet as Unmet where unmet.label == "domain.delete" {
            return nil
        } catch let unknown as CommitUnknown {
            // A look tells; the next round finds it deleted, and whether this request's answer is on record.
            guard (try? await find(deleted.id.text, of: deleted.account)) != nil else { throw unknown }
            return nil
        }
        wake()
        return deleted
    }
}
