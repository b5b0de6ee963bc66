import Kernel
import Synchronization

/// Whose key a request bears.
package struct Caller: Hashable, Sendable {
    package let account: AccountID
    package let key: KeyID
    package let suspended: Bool
    /// Whether the key may only read.
    package let isReadOnly: Bool
    /// The account's own rate limit, when an operator set one.
    package let ratePerHour: Int?
}

extension Accounts {
    /// Who bears this key; nil when it is malformed, unknown, revoked or expired. A key whose checksum is wrong is
    /// refused without touching the database; a revoked one is refused within half a second everywhere.
    package func authenticate(_ text: String) async throws -> Caller? {
        guard let key = APIKey(text) else { return nil }
        let digest = key.digest
        let asked = time.elapsed
        if let remembered = callers.recall(digest, at: asked) { return remembered }
        let row = try await database.read(
            """
            SELECT api_keys.id, api_keys.account_id, api_keys.last_used_at, api_keys.read_only, accounts.suspended,
                accounts.rate_per_hour
            FROM api_keys JOIN accounts ON accounts.id = api_keys.account_id
            WHERE api_keys.digest = \(digest) AND api_keys.revoked_at IS NULL
                AND (api_keys.expires_at IS NULL OR api_keys.expires_at > \(time.now))
            """
        ).first
        guard let row else { return nil }
        let caller = Caller(
            account: try row.identifier("account_id"), key: try row.identifier("id"),
            suspended: try row.bool("suspended"), isReadOnly: try row.bool("read_only"),
            ratePerHour: try row.optionalInteger("rate_per_hour").map(Int.init))
        callers.remember(caller, for: digest, at: asked)
        noteUse(of: caller.key, last: try row.optionalInstant("last_used_at"), at: time.now)
        return caller
    }

    /// Keeps "last used" true to the minute, without making anybody wait for it.
    private func noteUse(of key: KeyID, last: Instant?, at now: Instant) {
        if let last, now - last < .seconds(60) { return }
        let write = Write(
            "key.used", touching: 0...1, "UPDATE api_keys SET last_used_at = \(now) WHERE id = \(key)")
        Task { [database] in _ = try? await database.commit([write], urgency: .background) }
    }
}

/// Remembers for a moment whose key a digest is. The moment is the longest a revoked key still works.
package final class CallerCache: Sendable {
    private struct Entry {
        let caller: Caller
        let until: Duration
    }

    static let lifetime = Duration.milliseconds(500)
    private static let capacity = 10_000

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    /// - Parameter now: the time elapsed, which nobody can set: a clock set back must not prolong an entry.
    func recall(_ digest: String, at now: Duration) -> Caller? {
        entries.withLock { entries in
            guard let entry = entries[digest], now < entry.until else { return nil }
            return entry.caller
        }
    }

    func remember(_ caller: Caller, for digest: String, at now: Duration) {
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries[digest] = Entry(caller: caller, until: now + Self.lifetime)
        }
    }
}
