import Cloud
import HTTPTypes
import Kernel

/// What was done to an account: by whom, from where, with which key, and what changed.
struct AuditPages: Sendable {
    let accounts: Accounts
    let calendar: BillingCalendar

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        let query = AuditTable.query(of: visit)
        let page = try await accounts.auditLog(query, of: visit.person().account)
        let body: HTML = """
            <div class="head"><div><h1>Audit log</h1><p class="soft">Everything done to this account, the latest first. \
            Nothing is ever taken out of it.</p></div></div>
            \(AuditTable.filter(visit))\(AuditTable(calendar: calendar).rows(page))\(AuditTable.more(page, visit))
            """
        return visit.page(Page("Audit log", at: .account, body))
    }
}

/// The log as people read it, on a customer's page and on the operator's.
struct AuditTable: Sendable {
    let calendar: BillingCalendar
    /// Whether each act says whose account it was done to.
    var showsAccount = false

    /// What a visit asks for; what is not understood narrows nothing down.
    static func query(of visit: Visit) -> AuditQuery {
        let noun = visit.query.optional("about").flatMap { AuditWords.nouns.map(\.noun).contains($0) ? $0 : nil }
        return AuditQuery(noun: noun, cursor: visit.query.optional("cursor").flatMap(AuditCursor.init))
    }

    static func filter(_ visit: Visit) -> HTML {
        let chosen = visit.query["about"]
        let options = AuditWords.nouns.map { noun, words -> HTML in
            #"<option value="\#(noun)"\#(flag: "selected", if: noun == chosen)>\#(words)</option>"#
        }
        return """
            <form class="filters" method="get" action="\(Link(returning: visit.path) ?? "/audit")">\
            <div class="field"><label for="about">About</label><select id="about" name="about">\
            <option value="">Everything</option>\(options)</select></div><button>Show</button></form>
            """
    }

    static func more(_ page: AuditPage, _ visit: Visit) -> HTML {
        guard let next = page.next, let here = Link(returning: visit.path) else { return .empty }
        let kept = visit.query.optional("about").map { [(name: "about", value: $0)] } ?? []
        return #"<p><a href="\#(here.with(kept + [("cursor", next.text)]))">Earlier acts</a></p>"#
    }

    func rows(_ page: AuditPage) -> HTML {
        guard !page.entries.isEmpty else {
            return #"<div class="card empty"><h2>Nothing here</h2><p>No such act is in the log.</p></div>"#
        }
        return """
            <div class="card"><table class="audit"><thead><tr><th>When</th><th>What</th><th>Who</th><th>From</th></tr>\
            </thead><tbody>\(page.entries.map(row))</tbody></table></div>
            """
    }

    private func row(_ entry: AuditEntry) -> HTML {
        let owner: HTML =
            showsAccount ? "<br><span class=\"soft\">\(entry.email ?? entry.account?.text ?? "")</span>" : ""
        return """
            <tr><td data-label="When">\(calendar.words(of: entry.at))</td>\
            <td data-label="What"><div><b>\(AuditWords.words(of: entry.action))</b> \(subject(of: entry))\(owner)\
            \(detail(of: entry))</div></td>\
            <td data-label="Who">\(who(did: entry))</td>\
            <td data-label="From"><div class="mono">\(entry.address)<br>\
            <span class="soft" title="The request">\(entry.requestID)</span></div></td></tr>
            """
    }

    /// A link where there is a page of it.
    private func subject(of entry: AuditEntry) -> HTML {
        let places: [(prefix: String, link: Link)] = [
            ("sv_", "/servers/\(entry.subject)"), ("dm_", "/domains/\(entry.subject)"),
            ("inv_", "/invoices/\(entry.subject)"),
        ]
        guard !showsAccount, let place = places.first(where: { entry.subject.hasPrefix($0.prefix) }) else {
            return "<code>\(entry.subject)</code>"
        }
        return #"<a class="mono" href="\#(place.link)">\#(entry.subject)</a>"#
    }

    private func detail(of entry: AuditEntry) -> HTML {
        guard !entry.detail.isEmpty else { return .empty }
        let parts = entry.detail.map { "\($0.name.replacing("_", with: " ")): \($0.value)" }
        return #"<br><span class="soft">\#(parts.joined(separator: " · "))</span>"#
    }

    private func who(did entry: AuditEntry) -> HTML {
        switch entry.means {
        case .api:
            guard let key = entry.key else { return "An API key" }
            return """
                <div>API key <b>\(key.name)</b><br><span class="soft mono">aisk_live_\(key.firstFour)…\(key.lastFour)\
                </span></div>
                """
        case .dashboard: return showsAccount ? "The customer, in a browser" : "You, in a browser"
        case .operator:
            let name: HTML = showsAccount ? "<br><span class=\"soft\">\(entry.operatorEmail ?? "")</span>" : .empty
            return "<div>The operator\(name)</div>"
        case .admin: return "The operator, at the command line"
        case .system: return "The cloud itself"
        }
    }
}
