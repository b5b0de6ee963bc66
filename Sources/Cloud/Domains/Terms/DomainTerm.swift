import Foundation
import Kernel

extension DomainWorld {
    func openRenewal(of domain: DomainID) async throws -> PlacedOrder? {
        try await database.read(
            """
            SELECT \(PlacedOrder.columns) FROM domain_orders
            WHERE domain_id = \(domain) AND kind = 'renew' AND state = 'open'
            """
        ).first.map(PlacedOrder.init)
    }

    /// Orders another year of a name that renews itself.
    /// - Returns: false when its account may not buy now, or its ending is not sold; a letter says so.
    func orderRenewal(of domain: Domain, from end: Instant, at now: Instant) async throws -> Bool {
        guard let order = domains.renewal(of: domain, years: 1, from: end, at: now, try service()) else {
            try await tellOfFailure(domain, ending: end, at: now)
            return false
        }
        let entry = try domains.audit().entry(
            "domain.renew", on: domain.id.text, by: Domains.system(for: domain.account), detail: ["years": "1"])
        do {
            try await database.commit(
                [PurchaseStanding.mayBuy(domain.account), Self.held(domain)]
                    + (try order.placing(domain.name, from: domains.randomness)) + [entry], urgency: .background)
            return true
        } catch let unmet as Unmet where unmet.label == "account.buy" {
            try await tellOfFailure(domain, ending: end, at: now)
            return false
        } catch let unmet as Unmet where unmet.label == "order.insert" {
            // The customer was quicker.
            return true
        }
    }

    private func tellOfFailure(_ domain: Domain, ending end: Instant, at now: Instant) async throws {
        try await database.commit(
            try letter(.renewalFailed, about: domain, ending: end, at: now), urgency: .background)
    }

    /// Waits for whoever else is at the domain; unmet as `domain.held` when it is in another state by then.
    private static func held(_ domain: Domain) -> Write {
        Write(
            "domain.held",
            "UPDATE domains SET id = id WHERE id = \(domain.id) AND state = \(domain.state.rawValue)")
    }

    /// An order that was given at the last moment is waited for.
    private static func hasNoOrder(_ domain: Domain) -> SQL {
        "NOT EXISTS (SELECT 1 FROM domain_orders WHERE domain_id = \(domain.id) AND state = 'open')"
    }

    /// What is told as the end comes nearer; once for each mark, and the nearest only.
    func warnings(of domain: Domain, ending end: Instant, at now: Instant) throws -> [Write] {
        guard domain.state == .active, end > now else { return [] }
        let days = KeepDomain.toldBefore.filter { end - now <= .seconds($0 * 86_400) }.min()
        guard let days else { return [] }
        return try letter(.expires, about: domain, ending: end, days: days, at: now)
    }

    func letter(
        _ event: DomainNotice.Event, about domain: Domain, ending end: Instant? = nil, days: Int? = nil,
        at now: Instant
    ) throws -> [Write] {
        guard let end = end ?? domain.expiresAt else { return [] }
        let notice = DomainNotice(
            domain: domain.name.text, event: event, day: Self.day(of: end), days: days,
            autoRenews: domain.autoRenews)
        return [try Letter.domainTerm(notice).write(for: domain.account, at: now, from: domains.randomness)]
    }

    /// Such as `2027-11-23`, in UTC, as registries count.
    private static func day(of moment: Instant) -> String {
        Date(timeIntervalSince1970: TimeInterval(moment.seconds))
            .formatted(.iso8601.year().month().day().dateSeparator(.dash))
    }

    /// The commit by which a name is not the account's any more: its zone goes with its records.
    func leaving(_ domain: Domain, as state: DomainState, at now: Instant) async throws -> [Write] {
        let system = Domains.system(for: domain.account)
        let told =
            [
                try domains.audit().entry(
                    state == .expired ? "domain.expire" : "domain.transfer-out", on: domain.id.text, by: system,
                    detail: ["domain": domain.name.text])
            ] + (try letter(state == .expired ? .expired : .transferred, about: domain, at: now))
        guard domain.state.hasZone else {
            let departure = Write(
                "domain.leave",
                """
                UPDATE domains SET state = \(state.rawValue)
                WHERE id = \(domain.id) AND state = \(domain.state.rawValue) AND \(Self.hasNoOrder(domain))
                """)
            return [Self.held(domain), departure] + told
        }
        let zone = try await domains.zone(of: domain.id.text, account: domain.account)
        let difference = zone.records.difference(to: ZoneRecords(zone: domain.name))
        var left = zone.domain
        left.version = zone.domain.version.next
        return [
            Self.held(domain),
            Write(
                "domain.leave",
                """
                UPDATE domains SET state = \(state.rawValue), auto_renew = 0, zone_version = \(left.version)
                WHERE id = \(domain.id) AND state = \(domain.state.rawValue) AND zone_version = \(zone.domain.version)
                    AND \(Self.hasNoOrder(domain))
                """),
            Write(
                "records.delete", touching: Write.anyNumber, "DELETE FROM dns_records WHERE domain_id = \(domain.id)"),
            try domains.history(
                .lapse, of: left, difference, LinkChange.between(zone.rows, []), by: system, at: now),
            SyncZone.wake(domain.id, at: now), KeepSigned.wake(domain.id, at: now),
        ] + told
    }
}
