import Kernel

extension Domains {
    /// Accepts an order for a name: it is the account's from this moment if the registry has it, and `RegisterDomain`
    /// begins. A name that the account deleted, and that has not expired, comes back without an order, free of charge.
    ///
    /// - Throws: `Refusal`: `invalid` with `domain`, `years` or `registrant`; `conflict`, `paymentRequired`,
    ///   `suspended`, `spendCap`, `unavailable`; `Unmet` as `repeat.record` when another request of the same
    ///   Idempotency-Key was first.
    package func register(
        _ order: DomainOrder, by requester: Requester, once: Once<Domain> = .unrepeated
    ) async throws -> Domain {
        let service = try requireService()
        try once.requireSound()
        let sound = try await soundOrder(order, by: requester.account, at: service)
        if let deleted = sound.deleted { return try await restore(deleted, by: requester, once: once) }
        let domain = newDomain(sound.name, of: requester.account, at: service)
        let placed = PlacedOrder(
            id: DomainOrderID(from: randomness), domain: domain.id, account: domain.account, kind: sound.kind,
            years: sound.years, price: sound.price, code: order.transferCode, registrant: sound.registrant,
            at: domain.createdAt)
        let writes = try acceptance(of: placed, for: domain, by: requester, once: once.key)
        return try await accept(
            domain, for: placed.price,
            writes + once.writes(recording: domain, for: domain.account, at: domain.createdAt))
    }

    /// What `register` would cost now. Nothing is written, and nothing is reserved.
    /// - Throws: `Refusal`: what `register` would be refused with now.
    package func quote(_ order: DomainOrder, by requester: Requester) async throws -> PurchaseQuote {
        let sound = try await soundOrder(order, by: requester.account, at: try requireService())
        if sound.deleted == nil, let refusal = try await refusal(ofPurchaseFor: sound.price, by: requester.account) {
            throw refusal
        }
        let tax = terms.tax(in: terms.calendar.period(at: time.now).month)
        return PurchaseQuote(
            name: sound.name, years: sound.years, price: sound.price, total: tax.total(of: sound.price),
            renewal: sound.offer.renewal)
    }

    /// An order that nothing but the account's standing is in the way of.
    private struct SoundOrder {
        let name: DomainName
        let offer: TopLevelDomain
        let kind: DomainOrderKind
        let years: Int
        let registrant: Registrant?
        /// The account's own, which comes back without an order.
        let deleted: Domain?

        var price: Money { deleted == nil ? offer.price(of: kind, years: years) : .zero }
    }

    private func soundOrder(
        _ order: DomainOrder, by account: AccountID, at service: NameService
    ) async throws -> SoundOrder {
        let (name, offer) = try judged(order.domain, service)
        let years = try offer.years(order.years)
        try Self.judge(order.transferCode)
        let registrant = try await registrant(of: account, for: offer)
        let held = try await overlap(with: name)
        if let held {
            guard held.account == account, held.name == name else { throw Self.taken }
            try requireRestorable(held)
        } else {
            try await requireOrderable(name, order, at: service)
        }
        return SoundOrder(
            name: name, offer: offer, kind: order.transferCode == nil ? .register : .transfer, years: years,
            registrant: registrant, deleted: held)
    }

    private func accept(_ domain: Domain, for price: Money, _ writes: [Write]) async throws -> Domain {
        for _ in 0..<Self.tries {
            do {
                try await database.commit(writes)
                wake()
                return domain
            } catch let unmet as Unmet where unmet.label == "account.buy" {
                if let refusal = try await refusal(ofPurchaseFor: price, by: domain.account) { throw refusal }
                // What stood in the way went away between the commit and the look.
            } catch let unmet as Unmet where unmet.label == "domain.insert" {
                throw Self.taken
            } catch let unknown as CommitUnknown {
                // The row tells whether it was made; a customer who is told "perhaps" orders twice.
                guard (try? await find(domain.id.text, of: domain.account)) != nil else { throw unknown }
                wake()
                return domain
            }
        }
        throw Refusal(.unavailable, "The account is changing too fast; try again", retryAfter: .seconds(1))
    }

    static let taken = Refusal(.conflict, "This domain is taken")

    private static func judge(_ code: String?) throws {
        guard let code, !Label.isValid(code) else { return }
        throw Refusal(
            .invalid, "The transfer code cannot be used: it \(Label.rule)", fields: ["transfer_code": Label.rule])
    }

    /// - Throws: `Refusal.conflict` for a name to register that somebody has, and for one to transfer that nobody has.
    private func requireOrderable(_ name: DomainName, _ order: DomainOrder, at service: NameService) async throws {
        switch (try await availability(of: name, at: service), order.transferCode) {
        case (.available, nil), (.taken, .some): return
        case (.taken, nil): throw Self.taken
        case (.available, .some):
            throw Refusal(.conflict, "Nobody has this domain, so it cannot be transferred: leave transfer_code away")
        }
    }

    private func newDomain(_ name: DomainName, of account: AccountID, at service: NameService) -> Domain {
        Domain(
            id: DomainID(from: randomness), account: account, name: name, state: .pending,
            registrar: service.registrar.name, expiresAt: nil, autoRenews: true, isLocked: true, failure: nil,
            isToBeSigned: false, isSigned: false, signers: [], version: ZoneVersion(1), synced: ZoneVersion(0),
            serial: 0, createdAt: time.now,
            deletedAt: nil)
    }

    private func acceptance(
        of order: PlacedOrder, for domain: Domain, by requester: Requester, once key: String?
    ) throws -> [Write] {
        let workflow = try NewWorkflow(
            RegisterDomain(domain: domain.id, order: order.id), id: WorkflowID(from: randomness),
            account: domain.account.text, at: domain.createdAt, deadline: domain.createdAt + RegisterDomain.timeLimit)
        let entry = try audit().entry(
            order.kind == .transfer ? "domain.transfer-in" : "domain.register", on: domain.id.text, by: requester,
            once: key,
            detail: ["domain": domain.name.text, "years": "\(order.years)", "price_cents": "\(order.price.cents)"])
        return PurchaseStanding.promise(order.price, for: domain.account, since: monthBegan(at: domain.createdAt))
            + [insertion(of: domain)] + (try order.placing(domain.name, from: randomness)) + [workflow.write, entry]
    }

    /// Unmet as `domain.insert` when somebody has the name, or one above it or below.
    private func insertion(of domain: Domain) -> Write {
        Write(
            "domain.insert",
            """
            INSERT INTO domains (id, account_id, name, state, registrar, created_at)
            SELECT CAST(\(domain.id) AS TEXT), CAST(\(domain.account) AS TEXT), CAST(\(domain.name.text) AS TEXT),
                CAST(\(domain.state.rawValue) AS TEXT), CAST(\(domain.registrar) AS TEXT),
                CAST(\(domain.createdAt) AS BIGINT)
            WHERE NOT EXISTS (SELECT 1 FROM domains WHERE \(Self.overlapping(domain.name)))
            """)
    }
}
