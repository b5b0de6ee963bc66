import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel
import Wire

struct RecordRoutes: Sendable {
    let domains: Domains
    let repeatable: Repeatable

    func list(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        Self.listing(try await domains.records(of: exchange.id, account: caller.account))
    }

    func upsert(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: Self.rows) { body, once in
            let order = RecordOrder(try Wire.RecordRequest(reading: RequestFields(parsing: body)))
            return try await domains.upsert(order, in: exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    func remove(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: Self.removed) { _, once in
            try await domains.remove(
                exchange.parameters.last ?? "", from: exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    /// Doing it again changes nothing, so it needs no `Idempotency-Key`.
    func replace(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let body = try Wire.ReplaceZone(reading: RequestFields(parsing: try await exchange.bytes()))
        let orders = body.records?.map(RecordOrder.init)
        let (id, requester, dryRun) = (exchange.id, exchange.requester(caller), exchange.dryRun)
        if dryRun != .no {
            return Self.difference(
                try await domains.difference(
                    orders, in: id, expecting: try exchange.expectedVersion(in: dryRun), by: requester))
        }
        return Self.listing(
            try await domains.replace(orders, in: id, expecting: try exchange.expectedVersion, by: requester).zone)
    }

    func export(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let zone = try await domains.export(exchange.id, account: caller.account)
        return .ok(
            Wire.DataAnswer(Wire.ZoneFile(zoneFile: zone.text, version: zone.version.number)),
            capacity: zone.text.utf8.count + 512)
    }

    func `import`(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let (id, requester, dryRun) = (exchange.id, exchange.requester(caller), exchange.dryRun)
        if dryRun != .no {
            let body = try Wire.ImportZone(reading: RequestFields(parsing: try await exchange.bytes()))
            return Self.difference(
                try await domains.difference(
                    importing: body.zoneFile, into: id, expecting: try exchange.expectedVersion(in: dryRun),
                    by: requester))
        }
        return try await repeatable.answer(exchange, caller, with: Self.imported) { body, once in
            let body = try Wire.ImportZone(reading: RequestFields(parsing: body))
            return try await domains.import(
                body.zoneFile, into: id, expecting: try exchange.expectedVersion, by: requester, once: once)
        }
    }

    func history(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let query = try exchange.query(HistoryParameter.self)
        let (changes, next) = try await domains.history(
            of: exchange.id, account: caller.account, limit: query[.limit], before: query[.cursor])
        return .ok(Wire.Page(changes.map(Wire.ZoneChange.init), next: next), capacity: 128 + 512 * changes.count)
    }

    func revert(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: { Self.listing($0.zone) }) { body, once in
            let body = try Wire.RevertZone(reading: RequestFields(parsing: body))
            return try await domains.revert(
                exchange.id, to: body.version.map(Int.init(clamping:)), by: exchange.requester(caller), once: once)
        }
    }

    func check(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let check = try await domains.checkZone(of: exchange.id, account: caller.account)
        return .ok(Wire.DataAnswer(Wire.ZoneCheck(check)))
    }

    @Sendable private static func rows(_ rows: [DNSRecord]) -> Answer {
        .ok(Wire.DataAnswer(rows.map(Wire.DNSRecord.init)), capacity: 128 + 160 * rows.count)
    }

    @Sendable private static func removed(_ id: DNSRecordID) -> Answer {
        .ok(Wire.DataAnswer(Wire.Deleted(id: id.text)))
    }

    @Sendable private static func imported(_ imported: ImportedRecords) -> Answer {
        listing(
            imported.changed.zone,
            notices: imported.notices.map { Wire.ZoneFileNotice(line: $0.line, sentence: $0.sentence) })
    }

    /// With the version as its tag, for `If-Match`.
    private static func listing(_ zone: HeldZone, notices: [Wire.ZoneFileNotice]? = nil) -> Answer {
        let rows = zone.list.map(Wire.DNSRecord.init)
        let version = zone.domain.version.number
        return Answer(
            .ok, Wire.ZoneListing(rows, version: version, notices: notices).json(capacity: 128 + 160 * rows.count),
            headers: [HTTPField(name: .eTag, value: "\"\(version)\"")])
    }

    private static func difference(_ difference: ZoneDifference) -> Answer {
        .ok(Wire.DataAnswer(Wire.ZoneDifference(difference)))
    }
}

private enum HistoryParameter: String {
    case limit
    case cursor
}

extension Exchange {
    /// The same for a request that is only tried out.
    fileprivate func expectedVersion(in dryRun: DryRun) throws -> ZoneVersion? {
        let version = try expectedVersion
        try dryRun.requireSound()
        return version
    }

    /// The version of a zone that `If-Match` names; nil without one, and for `*`.
    ///
    /// - Throws: `Refusal.invalid`.
    fileprivate var expectedVersion: ZoneVersion? {
        get throws {
            let values = request.headers[values: .ifMatch]
            guard let text = values.first, values.count > 1 || text != "*" else { return nil }
            let digits = text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
            guard values.count == 1, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits)
            else {
                let rule = "must be the version of the zone, as in \"7\""
                throw Refusal(.invalid, "If-Match cannot be used: it \(rule)", fields: ["If-Match": rule])
            }
            return ZoneVersion(number)
        }
    }
}
