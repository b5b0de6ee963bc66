import Foundation
import Kernel

/// What a zone is to become.
struct ZoneDraft {
    var records: ZoneRecords
    /// The servers whose addresses values follow from now on; nil for those that follow none any more.
    var links: [DNSValue: ServerID?] = [:]
    /// Promises that are kept with the commit, or it is not made and the zone looked at anew. Labelled
    /// `zone.condition`.
    var conditions: [Write] = []
    /// For the audit log.
    var detail: [String: String] = [:]
}

/// One value at a name, whatever row it is in.
struct DNSValue: Hashable {
    let key: RecordKey
    let value: String
}

/// A zone after a change.
package struct ChangedZone: Sendable {
    package let zone: HeldZone
    package let difference: ZoneDifference
}

extension Domains {
    /// The one way by which records change: reads the zone at a version, lets `draft` compute what is to be, and
    /// commits that if the version is still the same; else begins again.
    ///
    /// - Parameters:
    ///   - expected: the version the change is meant for; nil for whichever is current. Asked once the domain is found.
    ///   - value: what of the result is answered.
    ///   - draft: is asked again for each version it meets.
    /// - Throws: `Refusal`: `notFound`; what `draft` throws; `invalidState`; `conflict` when another version is there
    ///   than expected; `unavailable`. `Unmet` as `repeat.record`.
    func change<Value: Sendable>(
        _ id: String, act: ZoneAct, by requester: Requester, once: Once<Value>,
        expecting expected: @autoclosure () throws -> ZoneVersion? = nil, answering value: (ChangedZone) -> Value,
        draft: (HeldZone) async throws -> ZoneDraft
    ) async throws -> Value {
        for _ in 0..<Self.tries {
            let zone = try await zone(of: id, account: requester.account)
            try once.requireSound()
            let expected = try expected()
            let draft = try await draft(zone)
            try Self.requireChangeable(zone.domain)
            try Self.require(expected, of: zone)
            let changed = try await commit(draft, to: zone, act: act, by: requester, once: once.key) { changed, now in
                once.writes(recording: value(changed), for: requester.account, at: now)
            }
            if let changed { return value(changed) }
        }
        throw Self.changingTooFast
    }

    static func require(_ expected: ZoneVersion?, of zone: HeldZone) throws {
        guard let expected, expected != zone.domain.version else { return }
        throw Refusal(
            .conflict, "The zone has changed: it is at version \(zone.domain.version.number); read it again")
    }

    static func requireChangeable(_ domain: Domain) throws {
        guard !domain.state.hasZone else { return }
        throw Refusal(
            .invalidState,
            "The domain is \(domain.state.rawValue). Its records can be changed while it is pending or active")
    }

    /// Nil when the zone changed between the look and the commit.
    private func commit(
        _ draft: ZoneDraft, to zone: HeldZone, act: ZoneAct, by requester: Requester, once key: String?,
        recording record: (ChangedZone, Instant) -> [Write]
    ) async throws -> ChangedZone? {
        let now = time.now
        let rows = RowChanges(from: zone.rows, to: draft, randomness)
        guard !rows.isEmpty else {
            let unchanged = ChangedZone(zone: zone, difference: ZoneDifference())
            let writes = record(unchanged, now)
            if !writes.isEmpty { try await database.commit(writes) }
            return unchanged
        }
        var domain = zone.domain
        domain.version = domain.version.next
        let changed = ChangedZone(
            zone: HeldZone(domain: domain, rows: rows.after), difference: zone.records.difference(to: draft.records))
        var detail = draft.detail
        detail["version"] = "\(domain.version.number)"
        let writes = [
            Self.advance(zone.domain),
            try history(
                act, of: domain, changed.difference, LinkChange.between(zone.rows, rows.after), by: requester, at: now),
            try audit().entry(act.auditName, on: domain.id.text, by: requester, once: key, detail: detail),
            SyncZone.wake(domain.id, at: now),
        ]
        do {
            try await database.commit(
                draft.conditions + rows.writes(domain.id, behind: writes) + record(changed, now),
                urgency: requester.means == .system ? .background : .request)
        } catch let unmet as Unmet where ["zone.version", "zone.condition"].contains(unmet.label) {
            return nil
        } catch let unknown as CommitUnknown {
            guard try await isMade(changed, at: now) else { throw unknown }
        }
        wake()
        return changed
    }

    private static func advance(_ domain: Domain) -> Write {
        Write(
            "zone.version",
            """
            UPDATE domains SET zone_version = \(domain.version.next)
            WHERE id = \(domain.id) AND zone_version = \(domain.version) AND state IN ('pending', 'active')
            """)
    }

    /// Whether a commit of which nothing was heard was made: the history tells.
    private func isMade(_ changed: ChangedZone, at now: Instant) async throws -> Bool {
        let domain = changed.zone.domain
        let rows = try await database.read(
            """
            SELECT sets FROM dns_changes
            WHERE domain_id = \(domain.id) AND version = \(domain.version) AND at = \(now)
            """)
        return try rows.first?.text("sets") == Self.stored(changed.difference)
    }

    /// A line of the zone's history, of the version that `domain` has after the change.
    func history(
        _ act: ZoneAct, of domain: Domain, _ difference: ZoneDifference, _ links: [LinkChange] = [],
        by requester: Requester, at now: Instant
    ) throws -> Write {
        Write(
            "zone.history",
            """
            INSERT INTO dns_changes (domain_id, version, at, actor, key_id, act, sets, links)
            VALUES (\(domain.id), \(domain.version), \(now), \(requester.means.rawValue), \(requester.key),
                \(act.rawValue), \(try Self.stored(difference)), \(try links.stored))
            """)
    }

    static func stored(_ difference: ZoneDifference) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(difference), as: UTF8.self)
    }
}
