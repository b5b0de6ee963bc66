import Kernel

/// What a customer asks of a name, as it was written.
package struct DomainActionOrder: Sendable {
    package let action: String?
    /// For a renewal; one when nil.
    package let years: Int?

    package init(action: String?, years: Int? = nil) {
        self.action = action
        self.years = years
    }
}

/// Raw values are the API's.
package enum DomainAction: String, CaseIterable, Sendable {
    case renew
    case lock
    case unlock
    case autoRenewOn = "auto_renew_on"
    case autoRenewOff = "auto_renew_off"

    fileprivate static let rule = "must be one of \(allCases.map(\.rawValue).joined(separator: ", "))"

    fileprivate var auditName: StaticString {
        switch self {
        case .renew: "domain.renew"
        case .lock: "domain.lock"
        case .unlock: "domain.unlock"
        case .autoRenewOn: "domain.auto-renew-on"
        case .autoRenewOff: "domain.auto-renew-off"
        }
    }
}

extension Domains {
    /// Renews a name, locks it against being transferred, or says whether it is renewed by itself.
    ///
    /// - Throws: `Refusal`: `notFound`, `invalid` with `action` or `years`; `invalidState` unless the name is active;
    ///   `busy` while it is being renewed; `paymentRequired`, `suspended`, `spendCap`, `unavailable`;
    ///   `Unmet` as `repeat.record`.
    package func act(
        _ order: DomainActionOrder, on id: String, by requester: Requester, once: Once<Domain> = .unrepeated
    ) async throws -> Domain {
        let service = try requireService()
        for _ in 0..<Self.tries {
            let domain = try await find(id, of: requester.account)
            try once.requireSound()
            let action = try Self.action(of: order)
            let years = try action == .renew ? self.years(order.years, for: domain, at: service) : 0
            guard domain.state == .active, let end = domain.expiresAt else {
                throw Refusal(
                    .invalidState,
                    "The domain is \(domain.state.rawValue). It can be renewed, locked and unlocked while it is active")
            }
            let now = time.now
            var changed = domain
            var price = Money.zero
            let writes: [Write]
            switch action {
            case .renew:
                guard let order = renewal(of: domain, years: years, from: end, at: now, service) else {
                    throw Self.notSold
                }
                price = order.price
                writes =
                    PurchaseStanding.promise(price, for: domain.account, since: monthBegan(at: now))
                    + [Self.set("id = id", of: domain)] + (try order.placing(domain.name, from: randomness))
            case .lock, .unlock:
                changed.isLocked = action == .lock
                writes = [Self.set("locked = \(changed.isLocked)", of: domain)]
            case .autoRenewOn, .autoRenewOff:
                changed.autoRenews = action == .autoRenewOn
                writes = [Self.set("auto_renew = \(changed.autoRenews)", of: domain)]
            }
            let rest = [
                NewWorkflow.wake(subject: KeepDomain.subject(of: domain.id), at: now),
                try audit().entry(
                    action.auditName, on: domain.id.text, by: requester, once: once.key,
                    detail: action == .renew ? ["years": "\(years)"] : [:]),
            ]
            let record = once.writes(recording: changed, for: domain.account, at: now)
            if try await commit(writes + rest + record, for: domain, costing: price) {
                wake()
                return changed
            }
        }
        throw Self.changingTooFast
    }

    /// False when the name was changed between the look and the commit.
    private func commit(_ writes: [Write], for domain: Domain, costing price: Money) async throws -> Bool {
        do {
            try await database.commit(writes)
            return true
        } catch let unmet as Unmet where unmet.label == "account.buy" {
            if let refusal = try await refusal(ofPurchaseFor: price, by: domain.account) { throw refusal }
            return false
        } catch let unmet as Unmet where unmet.label == "order.insert" {
            throw Refusal(.busy, "The domain is being renewed; try again in a moment", retryAfter: .seconds(5))
        } catch let unmet as Unmet where unmet.label == "domain.set" {
            return false
        }
    }

    private static func set(_ change: SQL, of domain: Domain) -> Write {
        Write("domain.set", "UPDATE domains SET \(change) WHERE id = \(domain.id) AND state = 'active'")
    }

    private static func action(of order: DomainActionOrder) throws -> DomainAction {
        guard let text = order.action else {
            let rule = "is required; it \(DomainAction.rule)"
            throw Refusal(.invalid, "Missing: action. It \(DomainAction.rule)", fields: ["action": rule])
        }
        guard let action = DomainAction(rawValue: text) else {
            throw Refusal(
                .invalid, "There is no such action: it \(DomainAction.rule)", fields: ["action": DomainAction.rule])
        }
        return action
    }

    private static let notSold = Refusal(
        .unavailable, "Names of this ending are not renewed here now", retryAfter: .seconds(3600))

    /// Registries let nobody have a name for longer than so many years from now.
    private func years(_ wanted: Int?, for domain: Domain, at service: NameService) throws -> Int {
        guard let offer = service.offer(for: domain.name) else { throw Self.notSold }
        let years = try offer.years(wanted)
        let most = offer.years.upperBound
        guard let end = domain.expiresAt, end.later(byYears: years) > time.now.later(byYears: most) else {
            return years
        }
        let rule = "must not lead further than \(most) years from now"
        throw Refusal(.invalid, "The domain cannot be renewed for so long: years \(rule)", fields: ["years": rule])
    }

    /// Nil while names of its ending are not sold.
    func renewal(
        of domain: Domain, years: Int, from end: Instant, at now: Instant, _ service: NameService
    ) -> PlacedOrder? {
        guard let offer = service.offer(for: domain.name) else { return nil }
        return PlacedOrder(
            id: DomainOrderID(from: randomness), domain: domain.id, account: domain.account, kind: .renew,
            years: years, price: offer.price(of: .renew, years: years), renewsFrom: end, registrant: nil, at: now)
    }

    /// The word by which the holder of a name proves to another registrar that a transfer is wanted. Secret.
    ///
    /// - Throws: `PasswordNeeded`; `Refusal`: `notFound`, `invalidState` while it is locked or not active,
    ///   `unavailable`.
    package func transferCode(of id: String, by requester: Requester) async throws -> String {
        try requester.requirePassword(at: time.now)
        let service = try requireService()
        let domain = try await find(id, of: requester.account)
        guard domain.state == .active, !domain.isLocked else {
            let state = domain.state == .active ? "locked" : domain.state.rawValue
            throw Refusal(
                .invalidState, "The domain is \(state). It can be transferred while it is active and unlocked")
        }
        // Noted before it is told: nobody has the code without a line in the log.
        try await database.commit([
            try audit().entry("domain.transfer-code", on: domain.id.text, by: requester)
        ])
        do {
            return try await TimeLimit.within(.seconds(10), by: time) {
                try await service.registrar.transferCode(of: domain.name)
            }
        } catch is RegistrarError {
            throw Self.registrySilent
        } catch is TimeLimit.Passed {
            throw Self.registrySilent
        }
    }
}
