import Kernel

/// Whether an account may buy a name. What it costs is paid once, so nothing of it is committed; but what was bought in
/// a month and what is committed for it stay below the spend cap together.
struct PurchaseStanding: Sendable {
    private let account: AccountStanding
    /// What names were bought for in this month, by orders that did not fail.
    private let bought: Money

    /// For `init(_:)`, asked at one snapshot.
    static func queries(_ account: AccountID, since start: Instant) -> [SQL] {
        [AccountStanding.query(account), "SELECT (\(bought(by: account, since: start))) AS cents"]
    }

    /// - Parameter answers: to `queries`; nil for an account that does not exist.
    init?(_ answers: [[Row]]) throws {
        guard let row = answers[0].first else { return nil }
        account = try AccountStanding(row)
        bought = try answers[1][0].money("cents")
    }

    private static func bought(by account: AccountID, since start: Instant) -> SQL {
        """
        SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM domain_orders
        WHERE account_id = \(account) AND ordered_at >= \(start) AND state <> 'failed'
        """
    }

    /// Promises that the account may buy for this much; unmet as `account.buy`. The first write waits for whoever else
    /// buys for the account, so that the second sees what that came to.
    static func promise(_ price: Money, for account: AccountID, since start: Instant) -> [Write] {
        let room: SQL = """
            committed_cents + (\(bought(by: account, since: start))) + \(price) <= spend_cap_cents
            """
        return [
            Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"),
            mayBuy(account, and: price > .zero ? room : "1 = 1"),
        ]
    }

    /// The same where the cap does not count: what was agreed on before is not left to lapse for it.
    static func mayBuy(_ account: AccountID, and condition: SQL = "1 = 1") -> Write {
        Write(
            "account.buy",
            """
            UPDATE accounts SET id = id WHERE id = \(account) AND may_buy = 1 AND suspended = 0 AND unconfirmed = 0
                AND \(condition)
            """)
    }

    /// Why `promise` refuses, in the contract's order; nil when it would not.
    func refusal(ofPurchaseFor price: Money) -> Refusal? {
        if account.suspended { return AccountStanding.suspension }
        if account.unconfirmed { return AccountStanding.missingConfirmation }
        if !account.mayBuy { return Refusal(.paymentRequired, account.mayBuyReason) }
        guard price > .zero, price > account.spendCap - account.committed - bought else { return nil }
        let remaining = max(.zero, account.spendCap - account.committed - bought)
        return Refusal(
            .spendCap,
            "Spend cap exceeded: this needs \(price.cents) cents, \(remaining.cents) remain of this month's "
                + "\(account.spendCap.cents) for servers and names")
    }
}

extension Domains {
    /// When the month began in which a purchase now counts.
    func monthBegan(at now: Instant) -> Instant { terms.calendar.period(at: now).starts }

    /// Why an account may not buy for this much now; nil when it may.
    func refusal(ofPurchaseFor price: Money, by account: AccountID) async throws -> Refusal? {
        let answers = try await database.read(PurchaseStanding.queries(account, since: monthBegan(at: time.now)))
        return try PurchaseStanding(answers)?.refusal(ofPurchaseFor: price)
    }
}
