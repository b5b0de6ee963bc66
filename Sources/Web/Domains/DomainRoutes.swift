import Cloud
import HTTPTypes
import Kernel
import Wire

struct DomainRoutes: Sendable {
    let domains: Domains
    let repeatable: Repeatable

    func check(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let body = try Wire.CheckDomain(reading: RequestFields(parsing: try await exchange.bytes()))
        return .ok(Wire.DataAnswer(Wire.DomainQuote(try await domains.check(body.domain, by: caller.account))))
    }

    func list(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let data = try await domains.list(of: caller.account).map(wire)
        return .ok(Wire.DataAnswer(data), capacity: 128 + 400 * data.count)
    }

    func register(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let dryRun = exchange.dryRun
        if dryRun != .no {
            let order = try Self.order(try await exchange.bytes())
            try dryRun.requireSound()
            return .ok(
                Wire.DataAnswer(Wire.PurchaseQuote(try await domains.quote(order, by: exchange.requester(caller)))))
        }
        let warnings = domains.notice.map { [$0] } ?? []
        return try await repeatable.answer(
            exchange, caller, with: { .created(Wire.DomainOrdered(wire($0), warnings: warnings)) }
        ) { body, once in
            try await domains.register(try Self.order(body), by: exchange.requester(caller), once: once)
        }
    }

    private static func order(_ body: [UInt8]) throws -> DomainOrder {
        let body = try Wire.RegisterDomain(reading: RequestFields(parsing: body))
        return DomainOrder(
            domain: body.domain, years: body.years.map(Int.init(clamping:)), transferCode: body.transferCode)
    }

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        .ok(Wire.DataAnswer(wire(try await domains.show(exchange.id, of: caller.account))))
    }

    func delete(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: Self.deleted) { _, once in
            try await domains.delete(exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    func act(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: { .ok(Wire.DataAnswer(wire($0))) }) { body, once in
            let body = try Wire.DomainAction(reading: RequestFields(parsing: body))
            let order = DomainActionOrder(action: body.action, years: body.years.map(Int.init(clamping:)))
            return try await domains.act(order, on: exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    func transferCode(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let code = try await domains.transferCode(of: exchange.id, by: exchange.requester(caller))
        return .ok(Wire.DataAnswer(Wire.TransferCode(transferCode: code)))
    }

    func connect(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: connected) { body, once in
            let body = try Wire.ConnectDomain(reading: RequestFields(parsing: body))
            return try await domains.connect(
                exchange.id, to: body.serverID, by: exchange.requester(caller), once: once)
        }
    }

    func sign(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: { .ok(Wire.DataAnswer(wire($0))) }) { body, once in
            let body = try Wire.SetSigning(reading: RequestFields(parsing: body))
            return try await domains.setSigning(
                body.enabled, of: exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    @Sendable private static func deleted(_ domain: Domain) -> Answer {
        .ok(Wire.DataAnswer(Wire.DeletedDomain(id: domain.id.text, status: domain.state.rawValue)))
    }

    @Sendable private func connected(_ connected: ConnectedDomain) -> Answer {
        .ok(
            Wire.DataAnswer(
                Wire.ConnectedDomain(wire(connected.domain), records: connected.records.map(Wire.DNSRecord.init))))
    }

    private func wire(_ domain: Domain) -> Wire.Domain {
        Wire.Domain(domain, nameServers: domains.nameServers)
    }
}

extension Wire.Domain {
    /// The name is delegated, and the zone answered, once it is active.
    init(_ domain: Domain, nameServers: [String]) {
        let isActive = domain.state == .active
        self.init(
            id: domain.id.text, domain: domain.name.text, status: domain.state.rawValue,
            nameservers: isActive ? nameServers : [], hostedZone: isActive,
            expiresAt: domain.expiresAt.map(Wire.Timestamp.init), autoRenew: domain.autoRenews,
            locked: domain.isLocked, failure: domain.failure,
            dnssec: Wire.Signing(domain), zoneVersion: domain.version.number,
            createdAt: Wire.Timestamp(domain.createdAt))
    }
}

extension Wire.PurchaseQuote {
    init(_ quote: PurchaseQuote) {
        self.init(
            domain: quote.name.text, years: quote.years, priceCents: quote.price.cents, totalCents: quote.total.cents,
            renewalCents: quote.renewal.cents)
    }
}

extension Wire.Signing {
    init(_ domain: Domain) {
        self.init(
            enabled: domain.isToBeSigned, signed: domain.isSigned,
            ds: domain.signers.map {
                Signer(keyTag: $0.keyTag, algorithm: $0.algorithm, digestType: $0.digestType, digest: $0.digest)
            })
    }
}

extension Wire.DomainQuote {
    init(_ quote: DomainQuote) {
        self.init(
            available: quote.isAvailable, domain: quote.name.text, priceCents: quote.price?.cents, currency: "AUD",
            renewalCents: quote.renewal?.cents)
    }
}
