import Kernel

/// An API key that somebody asks for.
package struct KeyOrder: Hashable, Sendable {
    /// What the key is called in lists.
    package let name: String
    /// After how many days it stops to work; nil: it works until it is revoked.
    package let days: Int?
    /// Whether it may read and change nothing.
    package let isReadOnly: Bool

    package init(name: String, days: Int? = nil, isReadOnly: Bool = false) {
        self.name = name
        self.days = days
        self.isReadOnly = isReadOnly
    }

    package static let mostDays = 3650

    /// - Throws: `Refusal.invalid`.
    func check() throws(Refusal) {
        var faults: [String: String] = [:]
        if !Label.isValid(name) { faults["name"] = Label.rule }
        if let days, !(1...Self.mostDays).contains(days) { faults["days"] = "must be from 1 to \(Self.mostDays) days" }
        guard faults.isEmpty else { throw Refusal(.invalid, "This API key cannot be made", fields: faults) }
    }
}

/// An API key as it was made.
package struct CreatedKey: Sendable {
    package let id: KeyID
    package let key: APIKey
}

extension Accounts {
    /// A further API key. The secret is in the answer and nowhere else.
    /// - Throws: `PasswordNeeded`; `Refusal.notFound`; `Refusal.invalid` for a name that cannot be shown or a time that
    ///   is none; `Unmet` as `repeat.record` when the same order was answered already.
    package func createKey(
        _ order: KeyOrder, by requester: Requester, once: Once<CreatedKey> = .unrepeated
    ) async throws -> CreatedKey {
        try requester.requirePassword(at: time.now)
        try once.requireSound()
        try order.check()
        let key = APIKey.mint(from: randomness)
        let insertion = insertion(of: key, as: order, for: requester.account)
        let created = CreatedKey(id: insertion.id, key: key)
        var detail = ["name": order.name]
        if order.isReadOnly { detail["scope"] = "read-only" }
        if let days = order.days { detail["days"] = "\(days)" }
        try await change(
            requester.account,
            [
                insertion.write,
                try audit().entry(
                    "key.create", on: insertion.id.text, by: requester, once: once.key, detail: detail),
            ] + once.writes(recording: created, for: requester.account, at: time.now))
        return created
    }

    func insertion(of key: APIKey, as order: KeyOrder, for account: AccountID) -> (id: KeyID, write: Write) {
        let id = KeyID(from: randomness)
        let now = time.now
        let end = order.days.map { now + .seconds(86_400 * $0) }
        let write = Write(
            "key.insert",
            """
            INSERT INTO api_keys (id, account_id, name, digest, first_four, last_four, created_at, expires_at, read_only)
            VALUES (\(id), \(account), \(order.name), \(key.digest), \(key.firstFour), \(key.lastFour), \(now), \(end),
                \(order.isReadOnly))
            """)
        return (id, write)
    }
}
