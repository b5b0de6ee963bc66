import Cloud
import Wire

struct AccountRoutes: Sendable {
    let accounts: Accounts

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        .ok(Wire.Account(try await accounts.standing(of: caller.account)))
    }
}

extension Wire.Account {
    init(_ standing: AccountStanding) {
        self.init(
            servers: standing.servers, serverLimit: standing.serverLimit, committedCents: standing.committed.cents,
            spendCapCents: standing.spendCap.cents, remainingCents: standing.remaining.cents, currency: "AUD",
            suspended: standing.suspended)
    }
}
