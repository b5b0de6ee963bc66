import Cloud
import HTTPTypes
import Kernel

/// The names of an account, and how to get another.
struct DomainPages: Sendable {
    let domains: Domains
    let repeats: Repeats
    let calendar: BillingCalendar

    @Sendable func list(_ visit: Visit) async throws -> Answer {
        let names: [Domain]
        do {
            names = try await domains.list(of: visit.person().account)
        } catch let refusal as Refusal where refusal.code == .unavailable {
            return visit.page(Page("Domains", at: .domains, Self.without(refusal)), refused: refusal)
        }
        let rows = names.map { domain -> HTML in
            """
            <tr><td data-label="Name"><a href="\(Link("/domains/\(domain.id)"))"><b>\(domain.name.text)</b></a></td>
            <td data-label="State">\(DomainWords.badge(domain.state))</td>
            <td data-label="Until">\(domain.expiresAt.map { calendar.date(of: $0) } ?? "—")</td>
            <td data-label="Renewal">\(domain.autoRenews ? "By itself" : "Not by itself")</td></tr>
            """
        }
        let table: HTML =
            names.isEmpty
            ? #"<div class="card empty"><h2>No domains yet</h2><p>Look for a name to see what it costs.</p></div>"#
            : """
            <div class="card"><table><thead><tr><th scope="col">Name</th><th scope="col">State</th>\
            <th scope="col">Registered until</th><th scope="col">Renewal</th></tr></thead>\
            <tbody>\(rows)</tbody></table></div>
            """
        let isMoving = names.contains { $0.state == .pending }
        let body: HTML = """
            <div class="head"><h1>Domains</h1><a href="/domains/registrant">Registrant details</a></div>\
            \(Self.searchBox("", nil))
            <div data-live data-part="domains">\(isMoving ? "<span data-moving></span>" : .empty)\(table)</div>
            """
        let notice: Page.Notice? = visit.query["done"] == "deleted" ? .good("The domain is given up.") : nil
        return visit.page(Page("Domains", at: .domains, notice: notice, body))
    }

    /// What a name costs, now and each year after; and the form that buys it.
    @Sendable func search(_ visit: Visit) async throws -> Answer {
        let name = visit.query["name"]
        guard !name.isEmpty else { return .seeOther("/domains") }
        do {
            let quote = try await domains.check(name, by: visit.person().account)
            return result(visit, name, offer(quote, visit), nil)
        } catch let refusal as Refusal where refusal.code != .unauthenticated {
            return result(visit, name, .empty, refusal)
        }
    }

    @Sendable func buy(_ visit: Visit) async throws -> Answer {
        let order = DomainOrder(
            domain: visit.form["domain"], years: visit.form.optional("years").map { Int($0) ?? 0 },
            transferCode: visit.form.optional("transfer_code"))
        do {
            return try await visit.once(in: repeats, leadingTo: { (domain: Domain) in Link("/domains/\(domain.id)") }) {
                try await domains.register(order, by: visit.requester(), once: $0)
            }
        } catch let refusal as Refusal {
            let quote = try? await domains.check(order.domain, by: visit.person().account)
            return result(visit, order.domain, quote.map { offer($0, visit) } ?? .empty, refusal)
        }
    }

    private func result(_ visit: Visit, _ name: String, _ offer: HTML, _ refusal: Refusal?) -> Answer {
        let told = refusal?.fields["domain"].map { Refusal(.invalid, $0, fields: ["name": $0]) }
        let body: HTML = """
            <div class="head"><h1>A domain</h1></div>\(Field.summary(told == nil ? refusal : nil, besides: ["years"]))
            \(Self.searchBox(name, told))\(offer)
            """
        return visit.page(Page("A domain", at: .domains, body), refused: refusal)
    }

    private func offer(_ quote: DomainQuote, _ visit: Visit) -> HTML {
        guard quote.isAvailable, let price = quote.price else {
            return """
                <section class="card"><h2>\(quote.name.text) is taken</h2><p class="soft">If it is yours elsewhere, \
                bring it here: unlock it there and enter the code that you are given.</p>\
                \(visit.form("/domains", """
                    \(Field.hidden("domain", quote.name.text))\(visit.once(from: visit.form))\
                    \(Field.line("Transfer code", "transfer_code"))<button>Bring it here</button>
                    """))</section>
                """
        }
        let years = (1...10).map { year -> HTML in
            #"<option value="\#(year)">\#(year) \#(year == 1 ? "year" : "years")</option>"#
        }
        return """
            <section class="card"><h2>\(quote.name.text) can be yours</h2>
            <p class="big">\(price.text)</p><p class="soft">for the first year, then \
            \(quote.renewal?.text ?? price.text) a year</p>\(domains.notice.map { "<p class=\"soft\">\($0)</p>" as HTML })
            \(visit.form("/domains", """
                \(Field.hidden("domain", quote.name.text))\(visit.once(from: visit.form))\
                <div class="field"><label for="years">For how long</label>\
                <select id="years" name="years">\(years)</select></div>\
                <button class="button">Buy \(quote.name.text)</button>
                """))</section>
            """
    }

    private static func searchBox(_ name: String, _ refusal: Refusal?) -> HTML {
        """
        <form class="card" method="get" action="/domains/new">\(Field.line(
            "Find a name", "name", value: name, hint: "Such as mybusiness.com.au", refusal: refusal))\
        <button class="button">Look</button></form>
        """
    }

    private static func without(_ refusal: Refusal) -> HTML {
        """
        <div class="head"><h1>Domains</h1></div><div class="card empty"><h2>No names here</h2>\
        <p>\(refusal.sentence).</p></div>
        """
    }
}

/// How a name stands, in words and colour.
enum DomainWords {
    static func badge(_ state: DomainState) -> HTML {
        switch state {
        case .pending: #"<span class="state pending">On its way</span>"#
        case .active: #"<span class="state running">Active</span>"#
        case .failed: #"<span class="state failed">Failed</span>"#
        case .deleted: #"<span class="state">Given up</span>"#
        case .expired: #"<span class="state failed">Expired</span>"#
        case .transferred: #"<span class="state">Went elsewhere</span>"#
        }
    }
}
