import Foundation
import Kernel

/// A change of a zone's records, as the history keeps it.
package struct ZoneChange: Sendable {
    /// The version it made.
    package let version: ZoneVersion
    package let at: Instant
    /// `api`, `admin` or `system`.
    package let actor: String
    /// The API key it came with.
    package let key: String?
    package let act: ZoneAct
    package let difference: ZoneDifference

    static let columns: SQL = "version, at, actor, key_id, act, sets"

    init(_ row: Row) throws {
        version = ZoneVersion(try row.int("version"))
        at = try row.instant("at")
        actor = try row.text("actor")
        key = try row.optionalText("key_id")
        act = try row.value("act")
        difference = try JSONDecoder().decode(ZoneDifference.self, from: Data(try row.text("sets").utf8))
    }
}

extension Domains {
    /// What happened to a zone's records, the latest first.
    ///
    /// - Parameters:
    ///   - limit: 1 to 200 in digits; 50 when nil.
    ///   - before: a version in digits, where the page before ended.
    /// - Returns: the changes, and what to ask the next page with; nil when there is none.
    /// - Throws: `Refusal`: `notFound`, `invalid` with `limit` or `cursor`, `unavailable`.
    package func history(
        of id: String, account: AccountID, limit: String? = nil, before cursor: String? = nil
    ) async throws -> (changes: [ZoneChange], next: String?) {
        _ = try requireService()
        let domain = try await find(id, of: account)
        var faults: [String: String] = [:]
        let count = limit.map { PageLimit.read($0) ?? 0 } ?? 50
        if count == 0 { faults["limit"] = PageLimit.rule }
        let version = cursor.map { Int($0) ?? 0 } ?? Int.max
        if version < 1 { faults["cursor"] = "must be a cursor of this list" }
        guard faults.isEmpty else {
            throw Refusal(.invalid, "The query cannot be used: see the fields", fields: faults)
        }
        let rows = try await database.read(
            """
            SELECT \(ZoneChange.columns) FROM dns_changes WHERE domain_id = \(domain.id) AND version < \(version)
            ORDER BY version DESC LIMIT \(count + 1)
            """)
        let changes = try rows.prefix(count).map(ZoneChange.init)
        return (changes, rows.count > count ? changes.last.map { "\($0.version.number)" } : nil)
    }

    /// Makes a zone's records what they were at an earlier version. Records that followed a server then do not any
    /// more, but for those that stayed.
    ///
    /// - Throws: `Refusal`: `notFound`, `invalid` with `version`, `invalidState`, `unavailable`; `Unmet` as
    ///   `repeat.record`.
    package func revert(
        _ id: String, to version: Int?, by requester: Requester, once: Once<ChangedZone> = .unrepeated
    ) async throws -> ChangedZone {
        _ = try requireService()
        return try await change(
            id, act: .revert, by: requester, once: once, answering: { $0 },
            draft: { zone in
                let current = zone.domain.version.number
                guard let version, (1...current).contains(version) else {
                    let rule = "must be a version from 1 to \(current)"
                    throw Refusal(.invalid, "There is no such version: version \(rule)", fields: ["version": rule])
                }
                let changes = try await database.read(
                    """
                    SELECT \(ZoneChange.columns) FROM dns_changes
                    WHERE domain_id = \(zone.domain.id) AND version > \(version) AND version <= \(current)
                    ORDER BY version DESC
                    """
                ).map(ZoneChange.init)
                var records = zone.records
                for change in changes { try records.apply(change.difference.inverse) }
                return ZoneDraft(records: records, detail: ["to": "\(version)"])
            })
    }
}
