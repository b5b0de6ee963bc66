import Cloud
import Wire

struct AccountRoutes: Sendable {
    let accounts: Accounts
    let billing: Billing

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let standing = try await accounts.standing(of: caller.account)
        return .ok(Wire.Account(standing, try await billing.usage(caller.account)))
    }
}

extension Wire.Account {
    init(_ standing: AccountStanding, _ usage: UsageReport) {
        self.init(
            servers: standing.servers, serverLimit: standing.serverLimit, committedCents: standing.committed.cents,
            spendCapCents: standing.spendCap.cents, remainingCents: standing.remaining.cents, currency: "AUD",
            suspended: standing.suspended, accruedCents: usage.accrued.cents, forecastCents: usage.forecast.cents)
    }
}
