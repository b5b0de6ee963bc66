import Cloud
import HTTPTypes
import Kernel

/// Accounts as those see them who run the installation.
struct OperatorAccounts: Sendable {
    let operators: Operators
    let accounts: Accounts
    let servers: Servers
    let calendar: BillingCalendar

    @Sendable func list(_ visit: Visit) async throws -> Answer {
        let search = visit.query.optional("search")
        let found = try await operators.accounts(like: search)
        let rows = found.map { account -> HTML in
            """
            <tr><td data-label="Account"><a href="\(Link("/operator/accounts/\(account.id)"))"><b>\(account.email)</b></a>\
            <br><span class="soft mono">\(account.id.text)</span></td><td data-label="Standing">\(Self.badges(account))</td>\
            <td data-label="Servers" class="number">\(account.standing.servers) of \(account.standing.serverLimit)</td>\
            <td data-label="Committed" class="number">\(account.standing.committed.text) of \
            \(account.standing.spendCap.text)</td><td data-label="Since">\(calendar.date(of: account.createdAt))</td></tr>
            """
        }
        let table: HTML =
            rows.isEmpty
            ? #"<div class="card empty"><h2>None like this</h2><p>No address has that in it.</p></div>"#
            : """
            <div class="card"><table><thead><tr><th>Account</th><th>Standing</th><th class="number">Servers</th>\
            <th class="number">Committed</th><th>Since</th></tr></thead><tbody>\(rows)</tbody></table></div>
            """
        let body: HTML = """
            \(OperatorMenu.head("Accounts", at: "Accounts"))
            <form class="filters" method="get" action="/operator/accounts"><div class="field">\
            <label for="search">Address or id</label><input id="search" name="search" type="search" \
            value="\(search ?? "")"></div><button>Search</button></form>\(table)
            <p class="soft">The latest \(Operators.most) at most: search for others.</p>
            """
        return visit.page(Page("Accounts", at: .operator, body))
    }

    private static func badges(_ account: AccountSummary) -> HTML {
        if account.closedAt != nil { return #"<span class="state">Closed</span>"# }
        if account.standing.suspended { return #"<span class="state failed">Suspended</span>"# }
        if account.standing.unconfirmed { return #"<span class="state pending">Not confirmed</span>"# }
        if account.standing.hindrance != nil { return #"<span class="state">May not buy</span>"# }
        return #"<span class="state running">In good standing</span>"#
    }

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let account = try await operators.account(visit.exchange.id)
        let servers = try await servers.list(of: account.id)
        let log = try await operators.log(AuditTable.query(of: visit), of: account.id)
        let body: HTML = """
            \(OperatorMenu.head(account.email, at: ""))\
            \(Field.summary(refusal, besides: ["server_limit", "spend_cap", "rate_per_hour", "reason"]))
            <div class="grid">\(about(account))\(limits(account, visit, refusal))</div>
            \(suspension(account, visit, refusal))\(Self.list(servers))
            <h2>Its log</h2>\(AuditTable(calendar: calendar, showsAccount: true).rows(log))\(AuditTable.more(log, visit))
            """
        let notices = [
            "limits": "The limits are set.", "suspended": "The account is suspended.", "resumed": "It may go on.",
        ]
        let notice = notices[visit.query["done"]].map(Page.Notice.good)
        return visit.page(Page(account.email, at: .operator, notice: notice, body), refused: refusal)
    }

    private func about(_ account: AccountSummary) -> HTML {
        """
        <section class="card"><h2>Standing</h2><p>\(Self.badges(account))\
        \(account.isOperator ? " <span class=\"tag\">Operator</span>" : .empty)</p>
        <p class="soft">\(account.standing.hindrance ?? "Nothing keeps it from buying")</p><dl>
        <dt>Id</dt><dd><code>\(account.id.text)</code></dd><dt>Since</dt><dd>\(calendar.words(of: account.createdAt))</dd>
        <dt>Servers</dt><dd>\(account.standing.servers)</dd>
        <dt>Committed a month</dt><dd>\(account.standing.committed.text)</dd></dl></section>
        """
    }

    private func limits(_ account: AccountSummary, _ visit: Visit, _ refusal: Refusal?) -> HTML {
        func field(_ label: String, _ name: String, _ value: String, _ hint: String) -> HTML {
            Field.line(
                label, name, value: visit.form.optional(name) ?? value, hint: hint, required: false, refusal: refusal)
        }
        let rate = account.ratePerHour.map { "\($0)" } ?? ""
        let fields: HTML = """
            \(field("Servers", "server_limit", "\(account.standing.serverLimit)", "How many it may have at once"))
            \(field("Spend cap, in cents a month", "spend_cap", "\(account.standing.spendCap.cents)", "GST included"))
            \(field("Requests an hour", "rate_per_hour", rate, "Left empty, it stays as it is"))
            <button class="button">Set the limits</button>
            """
        return """
            <section class="card"><h2>Limits</h2>\
            \(visit.form(Link("/operator/accounts/\(account.id)/limits"), fields))</section>
            """
    }

    private func suspension(_ account: AccountSummary, _ visit: Visit, _ refusal: Refusal?) -> HTML {
        guard account.closedAt == nil else { return .empty }
        let why = Field.line("Why", "reason", value: visit.form["reason"], hint: "For the log", refusal: refusal)
        let resume: HTML = "\(why)<button class=\"button\">Let it go on</button>"
        let suspend: HTML = "\(why)<button class=\"danger\">Suspend the account</button>"
        return account.standing.suspended
            ? """
            <section class="card"><h2>Suspended</h2><p>It can be read, and nothing in it changes. Its servers stay as \
            they are, and are charged.</p>\
            \(visit.form(Link("/operator/accounts/\(account.id)/resume"), resume))</section>
            """
            : """
            <section class="card"><h2>Suspend</h2><p>It can be read then, and nothing in it changes. Its servers stay as \
            they are, and are charged.</p>\(visit.form(Link("/operator/accounts/\(account.id)/suspend"), suspend))</section>
            """
    }

    private static func list(_ servers: [Server]) -> HTML {
        guard !servers.isEmpty else { return .empty }
        let rows = servers.map { server -> HTML in
            """
            <tr><td data-label="Server"><b>\(server.name)</b><br><span class="soft mono">\(server.id.text)</span></td>\
            <td data-label="State">\(StateWords.badge(server.state))</td><td data-label="Plan">\(server.planName)</td>\
            <td data-label="Region">\(server.region.text)</td>\
            <td data-label="Address" class="mono">\(server.address ?? "—")</td></tr>
            """
        }
        return """
            <section class="card"><h2>Its servers</h2><table><thead><tr><th>Server</th><th>State</th><th>Plan</th>\
            <th>Region</th><th>Address</th></tr></thead><tbody>\(rows)</tbody></table></section>
            """
    }

    @Sendable func setLimits(_ visit: Visit) async throws -> Answer {
        try await act(visit, "limits") { requester in
            var faults: [String: String] = [:]
            func number(_ name: String) -> Int? {
                guard let text = visit.form.optional(name) else { return nil }
                let number = Int(text)
                if number == nil { faults[name] = "must be a whole number" }
                return number
            }
            let cap = number("spend_cap").map { Money(cents: Int64($0)) }
            let change = LimitChange(
                serverLimit: number("server_limit"), spendCap: cap, ratePerHour: number("rate_per_hour"))
            guard faults.isEmpty else { throw Refusal(.invalid, "The limits were not set", fields: faults) }
            try await accounts.setLimits(change, by: requester)
        }
    }

    @Sendable func suspend(_ visit: Visit) async throws -> Answer {
        try await act(visit, "suspended") { try await accounts.suspend(because: visit.form["reason"], by: $0) }
    }

    @Sendable func resume(_ visit: Visit) async throws -> Answer {
        try await act(visit, "resumed") { _ = try await accounts.resume(because: visit.form["reason"], by: $0) }
    }

    private func act(
        _ visit: Visit, _ done: String, _ change: (Requester) async throws -> Void
    ) async throws -> Answer {
        let account = try await operators.account(visit.exchange.id)
        do {
            try await change(Requester(operator: visit.person(), on: account.id, from: visit.origin))
        } catch let refusal as Refusal where refusal.code == .invalid {
            return try await page(visit, refusal)
        }
        return .seeOther(Link("/operator/accounts/\(account.id)").with([("done", done)]))
    }
}
