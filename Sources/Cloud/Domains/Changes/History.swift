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
    /// Of the same change.
    let links: [LinkChange]

    static let columns: SQL = "version, at, actor, key_id, act, sets, links"

    init(_ row: Row) throws {
        version = ZoneVersion(try row.int("version"))
        at = try row.instant("at")
        actor = try row.text("actor")
        key = try row.optionalText("key_id")
        act = try row.value("act")
        difference = try JSONDecoder().decode(ZoneDifference.self, from: Data(try row.text("sets").utf8))
        links = try [LinkChange](stored: try row.text("links"))
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
}
