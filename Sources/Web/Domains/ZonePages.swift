import Cloud
import HTTPTypes
import Kernel

/// A zone as a whole: its history, its file, and who answers it.
struct ZonePages: Sendable {
    let domains: Domains
    let repeats: Repeats
    let calendar: BillingCalendar

    @Sendable func history(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        let domain = try await domains.show(visit.exchange.id, of: account)
        let (changes, next) = try await domains.history(
            of: domain.id.text, account: account, before: visit.query.optional("cursor"))
        let rows = changes.map { change -> HTML in
            let revert: HTML =
                change.version == domain.version || domain.state != .active
                ? .empty
                : visit.button(
                    "Back to this", Link("/domains/\(domain.id)/revert"), class: "small",
                    "\(Field.hidden("version", "\(change.version.number)"))\(visit.once(from: Form()))")
            return """
                <section class="card"><h2>Version \(change.version.number): \(change.act.rawValue)</h2>
                <p class="soft">\(calendar.words(of: change.at)), by \(change.actor)\
                \(change.key.map { " with the key \($0)" } ?? "")</p>\(Self.difference(change.difference))\(revert)</section>
                """
        }
        let more: HTML? = next.map {
            #"<p><a href="\#(Link("/domains/\(domain.id)/history").with([("cursor", $0)]))">Earlier</a></p>"#
        }
        let body: HTML = """
            <div class="head"><h1>History of \(domain.name.text)</h1>\(Self.back(domain))</div>\(rows)\(more)
            """
        return visit.page(Page("History of \(domain.name.text)", at: .domains, body))
    }

    @Sendable func revert(_ visit: Visit) async throws -> Answer {
        let link = Link("/domains/\(visit.exchange.id)").with([("done", "reverted")])
        return try await visit.once(in: repeats, to: link) {
            try await domains.revert(
                visit.exchange.id, to: Int(visit.form["version"]), by: visit.requester(), once: $0)
        }
    }

    @Sendable func showImport(_ visit: Visit) async throws -> Answer { try await file(visit, nil, .empty) }

    /// Shows what a file would change; nothing is changed.
    @Sendable func tryImport(_ visit: Visit) async throws -> Answer {
        do {
            let zone = try await domains.records(of: visit.exchange.id, account: visit.person().account)
            let difference = try await domains.difference(
                importing: visit.form["zone_file"], into: visit.exchange.id, by: visit.requester())
            let confirmation: HTML = """
                <section class="card"><h2>What it changes</h2>\(Self.difference(difference))\
                \(visit.form(Link("/domains/\(visit.exchange.id)/import/confirm"), """
                    \(Field.hidden("zone_file", visit.form["zone_file"]))\
                    \(Field.hidden("version", "\(zone.domain.version.number)"))\(visit.once(from: Form()))\
                    <button class="button">Change the records so</button>
                    """))</section>
                """
            return try await file(visit, nil, confirmation)
        } catch let refusal as Refusal where refusal.code != .notFound {
            return try await file(visit, refusal, .empty)
        }
    }

    /// Changes what was shown, unless the records have changed since.
    @Sendable func confirmImport(_ visit: Visit) async throws -> Answer {
        let link = Link("/domains/\(visit.exchange.id)").with([("done", "imported")])
        do {
            return try await visit.once(in: repeats, to: link) {
                try await domains.import(
                    visit.form["zone_file"], into: visit.exchange.id,
                    expecting: ZoneVersion(Int(visit.form["version"]) ?? 0), by: visit.requester(), once: $0)
            }
        } catch let refusal as Refusal where refusal.code != .notFound {
            return try await file(visit, refusal, .empty)
        }
    }

    private func file(_ visit: Visit, _ refusal: Refusal?, _ confirmation: HTML) async throws -> Answer {
        let account = try visit.person().account
        let domain = try await domains.show(visit.exchange.id, of: account)
        let zone = try await domains.export(visit.exchange.id, account: account)
        let body: HTML = """
            <div class="head"><h1>The zone file of \(domain.name.text)</h1>\(Self.back(domain))</div>
            \(Field.summary(refusal, besides: ["zone_file"]))\(confirmation)
            <section class="card"><h2>Export</h2><p><a href="\(Link("/domains/\(domain.id)/zone"))">Download the file</a></p><pre tabindex="0" aria-label="Zone file">\(zone.text)</pre></section>
            <section class="card"><h2>Import</h2>\(visit.form(Link("/domains/\(domain.id)/import"), """
                \(Field.area(
                    "Zone file", "zone_file", value: visit.form["zone_file"],
                    hint: "It takes the place of all records, after you have seen what that changes",
                    refusal: refusal))<button>Show what it changes</button>
                """))</section>
            """
        return visit.page(Page("Zone file of \(domain.name.text)", at: .domains, body), refused: refusal)
    }

    /// The zone as a file, to keep or to take elsewhere.
    @Sendable func download(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        let domain = try await domains.show(visit.exchange.id, of: account)
        let zone = try await domains.export(visit.exchange.id, account: account)
        let file = HTTPField(name: .contentDisposition, value: "attachment; filename=\"\(domain.name.text).zone\"")
        return Answer(.ok, Array(zone.text.utf8), as: .zoneFile, headers: [file])
    }

    /// Asks the name servers themselves.
    @Sendable func check(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        let domain = try await domains.show(visit.exchange.id, of: account)
        let check = try await domains.checkZone(of: visit.exchange.id, account: account)
        let rows = check.servers.map { server -> HTML in
            """
            <dt>\(server.answer.server)</dt><dd>\(server.isInStep
                ? "answers the latest records" : server.answer.problem ?? "still answers earlier records")</dd>
            """
        }
        let words = check.isInStep ? "Every name server answers the latest records." : "Not everywhere yet."
        let body: HTML = """
            <div class="head"><h1>Is \(domain.name.text) answered?</h1>\(Self.back(domain))</div>
            <section class="card"><p>\(words)</p><dl>\(rows)</dl></section>
            """
        return visit.page(Page("Is \(domain.name.text) answered?", at: .domains, body))
    }

    private static func back(_ domain: Domain) -> HTML {
        #"<a href="\#(Link("/domains/\(domain.id)"))">Back to \#(domain.name.text)</a>"#
    }

    private static func difference(_ difference: ZoneDifference) -> HTML {
        let added = difference.added.map { line("+", $0) }
        let removed = difference.removed.map { line("−", $0) }
        let changed = difference.changed.flatMap { [line("−", $0.before), line("+", $0.after)] }
        let lines = removed + changed + added
        guard !lines.isEmpty else { return #"<p class="soft">No record changes.</p>"# }
        return #"<ul class="difference mono">\#(lines)</ul>"#
    }

    private static func line(_ sign: String, _ set: RecordSet) -> HTML {
        "<li>\(sign) \(set.name) \(set.ttl) \(set.type.rawValue) \(set.shown.joined(separator: " · "))</li>"
    }
}
