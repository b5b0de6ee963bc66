import Kernel

/// An account's limits and how much of them is taken.
package struct AccountStanding: Hashable, Sendable {
    package let servers: Int
    package let serverLimit: Int
    /// The monthly prices of all servers neither terminated nor in error, stopped ones included.
    package let committed: Money
    package let spendCap: Money
    package let suspended: Bool
    /// Whether its e-mail address waits to be confirmed.
    package let unconfirmed: Bool
    let mayBuy: Bool
    let mayBuyReason: String

    /// Why it may not buy at present, as a sentence without its full stop; nil when it may.
    package var hindrance: String? {
        if suspended { return Self.suspension.sentence }
        if unconfirmed { return Self.missingConfirmation.sentence }
        return mayBuy ? nil : mayBuyReason
    }

    /// What may still be committed; never below zero.
    package var remaining: Money { max(.zero, spendCap - committed) }

    static func read(_ account: AccountID, from database: any Database) async throws -> AccountStanding? {
        try await database.read(query(account)).first.map(AccountStanding.init)
    }

    /// For `init(_:)`.
    static func query(_ account: AccountID) -> SQL { "SELECT \(columns) FROM accounts WHERE id = \(account)" }

    static let columns: SQL =
        "servers, server_limit, committed_cents, spend_cap_cents, suspended, unconfirmed, may_buy, may_buy_reason"

    init(_ row: Row) throws {
        servers = try row.int("servers")
        serverLimit = try row.int("server_limit")
        committed = Money(cents: try row.integer("committed_cents"))
        spendCap = Money(cents: try row.integer("spend_cap_cents"))
        suspended = try row.bool("suspended")
        unconfirmed = try row.bool("unconfirmed")
        mayBuy = try row.bool("may_buy")
        mayBuyReason = try row.text("may_buy_reason")
    }

    /// Takes one server's place and price of the account's limits, or is unmet as `account.reserve`: a
    /// hundred at once never pass a limit, and all that fit succeed.
    static func reserve(_ price: Money, for account: AccountID) -> Write {
        Write(
            "account.reserve",
            """
            UPDATE accounts SET servers = servers + 1, committed_cents = committed_cents + \(price)
            WHERE id = \(account) AND may_buy = 1 AND suspended = 0 AND unconfirmed = 0
                AND servers < server_limit AND committed_cents + \(price) <= spend_cap_cents
            """)
    }

    /// Takes more of the cap for a server that grows; unmet as `account.reserve` where it may not.
    static func reserve(growth: Money, for account: AccountID) -> Write {
        Write(
            "account.reserve",
            """
            UPDATE accounts SET committed_cents = committed_cents + \(growth)
            WHERE id = \(account) AND may_buy = 1 AND suspended = 0 AND unconfirmed = 0
                AND committed_cents + \(growth) <= spend_cap_cents
            """)
    }

    /// Why `reserve(growth:)` refuses; nil when it would not, and always for a growth of nothing.
    func refusal(ofGrowthBy growth: Money) -> Refusal? {
        guard growth > .zero else { return nil }
        if suspended { return Self.suspension }
        if unconfirmed { return Self.missingConfirmation }
        if !mayBuy { return Refusal(.paymentRequired, mayBuyReason) }
        return capRefusal(of: growth)
    }

    private func capRefusal(of price: Money) -> Refusal? {
        guard committed + price > spendCap else { return nil }
        return Refusal(.spendCap, "Spend cap exceeded: this needs \(price.cents) cents, \(remaining.cents) remain")
    }

    /// Why `reserve` refuses one more server at this price, in the contract's order; nil when it would not.
    func refusal(ofServerAt price: Money) -> Refusal? {
        if suspended { return Self.suspension }
        if unconfirmed { return Self.missingConfirmation }
        if !mayBuy { return Refusal(.paymentRequired, mayBuyReason) }
        if servers >= serverLimit {
            return Refusal(
                .serverLimit,
                "Server limit exceeded: \(servers) of \(serverLimit) servers are in use; destroy one or ask for more")
        }
        return capRefusal(of: price)
    }

    static let missingConfirmation = Refusal(
        .unconfirmed, "Confirm the e-mail address of this account before buying: the link is in our letter")

    package static let suspension = Refusal(
        .suspended, "This account is suspended: it can be read, but not changed. Get in touch with support")
}
