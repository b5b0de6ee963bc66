import Kernel

/// What an order would cost if it were given now.
package struct Quote: Hashable, Sendable {
    /// Of the server as ordered, per calendar month.
    package let price: Money
    /// By how much the account's servers would cost more a month; negative for less.
    package let monthlyChange: Money
    /// What would be committed once the order is carried out.
    package let committed: Money
    /// What could then still be committed; never below zero.
    package let remaining: Money
    /// What this month's invoice would come to if it began at once and nothing else changed before the month's end.
    package let forecast: Money
}

extension Servers {
    /// What `create` would cost now. Nothing is written.
    /// - Throws: `Refusal`: what `create` would be refused with now.
    package func quote(_ order: ServerOrder, by requester: Requester) async throws -> Quote {
        let order = try CheckedOrder(order, in: offers)
        try await requireRoom(for: order, requester.account)
        let draft = newServer(order, of: requester.account)
        return try await quote(draft, insteadOf: nil, of: requester.account) { $0.refusal(ofServerAt: draft.price) }
    }

    /// What a resize would cost now. Nothing is written.
    /// - Throws: `Refusal`: what `act` would be refused with now; `Refusal.invalid` for any other action.
    package func quote(_ order: ActionOrder, on id: String, by requester: Requester) async throws -> Quote {
        let action = try await action(of: order, on: id, by: requester, once: .unrepeated)
        let (act, verdict, _) = try await weigh(action, on: id, by: requester, once: .unrepeated)
        guard let target = act.target else {
            throw Refusal(
                .invalid, "Only a resize can be tried with dry_run: the other actions cost nothing",
                fields: ["dry_run": "is for create and resize only"])
        }
        switch verdict {
        case .refused(let refusal): throw refusal
        case .unchanged, .force: break
        case .begin:
            try await requireRoom(for: act)
            try await requireFewResizes(act)
        }
        return try await quote(target, insteadOf: act.server, of: requester.account) {
            verdict == .begin ? $0.refusal(ofGrowthBy: act.growth) : nil
        }
    }

    private func quote(
        _ server: Server, insteadOf old: Server?, of account: AccountID, unless refusal: (AccountStanding) -> Refusal?
    ) async throws -> Quote {
        let now = time.now
        let period = calendar.period(at: now)
        let answers = try await database.read([
            AccountStanding.query(account), BilledSpan.query(of: [account], in: period),
        ])
        guard let standing = try answers[0].first.map(AccountStanding.init) else { throw Self.noSuchServer }
        if let refusal = refusal(standing) { throw refusal }
        let committed = standing.committed - (old?.reserved ?? .zero) + server.price
        let times = try answers[1].map(BilledSpan.init).map { span in
            let isReplaced = span.server == server.id && span.endedAt == nil
            return PricedTime(price: span.price, startedAt: span.startedAt, endedAt: isReplaced ? now : span.endedAt)
        }
        let next = PricedTime(price: server.price, startedAt: now, endedAt: nil)
        return Quote(
            price: server.price, monthlyChange: server.price - (old?.price ?? .zero), committed: committed,
            remaining: max(.zero, standing.spendCap - committed),
            forecast: terms.tax(in: period.month).total(of: Proration.total(of: times + [next], in: period)))
    }
}
