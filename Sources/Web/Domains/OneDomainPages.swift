import Cloud
import HTTPTypes
import Kernel

/// One name: how it stands, and its records.
struct OneDomainPages: Sendable {
    let domains: Domains
    let servers: Servers
    let repeats: Repeats
    let calendar: BillingCalendar

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    @Sendable func act(_ visit: Visit) async throws -> Answer {
        let order = DomainActionOrder(
            action: visit.form["action"], years: visit.form.optional("years").map { Int($0) ?? 0 })
        return try await change(visit, "kept") {
            try await domains.act(order, on: visit.exchange.id, by: visit.requester(), once: $0)
        }
    }

    @Sendable func connect(_ visit: Visit) async throws -> Answer {
        try await change(visit, "connected") {
            try await domains.connect(
                visit.exchange.id, to: visit.form["server"], by: visit.requester(), once: $0)
        }
    }

    @Sendable func sign(_ visit: Visit) async throws -> Answer {
        try await change(visit, "kept") {
            try await domains.setSigning(
                visit.form["enabled"] == "yes", of: visit.exchange.id, by: visit.requester(), once: $0)
        }
    }

    @Sendable func keepRecord(_ visit: Visit) async throws -> Answer {
        let values = visit.form["value"].split(whereSeparator: \.isNewline).map(String.init)
        let order = RecordOrder(
            name: visit.form["name"], type: visit.form["type"], values: values,
            ttl: visit.form.optional("ttl").map { Int($0) ?? -1 })
        return try await change(visit, "record") {
            try await domains.upsert(order, in: visit.exchange.id, by: visit.requester(), once: $0)
        }
    }

    @Sendable func removeRecord(_ visit: Visit) async throws -> Answer {
        try await change(visit, "removed") {
            try await domains.remove(
                visit.exchange.parameters.last ?? "", from: visit.exchange.id, by: visit.requester(), once: $0)
        }
    }

    /// The code is in this one answer.
    @Sendable func transferCode(_ visit: Visit) async throws -> Answer {
        let domain = try await domains.show(visit.exchange.id, of: visit.person().account)
        do {
            let code = try await domains.transferCode(of: domain.id.text, by: visit.requester())
            let body: HTML = """
                <p><a href="\(Link("/domains/\(domain.id)"))">\(domain.name.text)</a></p>
                <div class="head"><h1>Transfer code</h1></div><section class="card">
                <p>Give it to the registrar you move \(domain.name.text) to. Whoever has it can take the name away.</p>
                <div class="line"><code data-copy="the transfer code">\(code)</code></div></section>
                """
            return visit.page(Page("Transfer code", at: .domains, body))
        } catch let refusal as Refusal where refusal.code != .notFound {
            return try await page(visit, refusal)
        }
    }

    @Sendable func delete(_ visit: Visit) async throws -> Answer {
        let domain = try await domains.show(visit.exchange.id, of: visit.person().account)
        guard visit.form["typed"] == domain.name.text else {
            let rule = "is not the name of this domain"
            return try await page(visit, Refusal(.invalid, "The name \(rule)", fields: ["typed": rule]))
        }
        return try await visit.once(in: repeats, to: "/domains?done=deleted") {
            try await domains.delete(visit.exchange.id, by: visit.requester(), once: $0)
        }
    }

    /// Does `act` and shows the name again, with what was refused.
    private func change<Value: Sendable>(
        _ visit: Visit, _ done: String, _ act: (Once<Value>) async throws -> Value
    ) async throws -> Answer {
        let link = Link("/domains/\(visit.exchange.id)").with([("done", done)])
        do {
            return try await visit.once(in: repeats, to: link, by: act)
        } catch let refusal as Refusal where refusal.code != .notFound {
            return try await page(visit, refusal)
        }
    }

    private static let notices = [
        "kept": "That is kept.", "record": "The record is kept, and answered within a second.",
        "removed": "The record is removed.", "connected": "The name points to your server, and follows its address.",
        "reverted": "The records are as they were.", "imported": "The records are those of the file.",
    ]

    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let account = try visit.person().account
        let domain = try await domains.show(visit.exchange.id, of: account)
        let records =
            domain.state == .active ? try await domains.records(of: domain.id.text, account: account).list : []
        let parts = DomainParts(domain: domain, calendar: calendar, nameServers: domains.nameServers)
        let rest: HTML =
            domain.state != .active
            ? .empty
            : """
            \(RecordTable(domain: domain, records: records).html(visit, refusal))
            \(parts.connection(try await servers.list(of: account), visit))\(parts.terms(visit))
            \(parts.end(visit, refusal))
            """
        let shown = ["name", "type", "value", "values", "ttl", "typed"]
        let body: HTML = """
            <div class="head"><h1>\(domain.name.text)</h1><span data-part="state">\
            \(DomainWords.badge(domain.state))</span></div>
            \(Field.summary(refusal, besides: shown))\(parts.figures)<div data-part="rest">\(rest)</div>
            """
        let notice = Self.notices[visit.query["done"]].map(Page.Notice.good)
        return visit.page(Page(domain.name.text, at: .domains, notice: notice, body), refused: refusal)
    }
}
