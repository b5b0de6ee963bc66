import Cloud
import HTTPTypes
import Kernel

/// Keys for programs.
struct KeyPages: Sendable {
    let accounts: Accounts
    let repeats: Repeats
    let calendar: BillingCalendar
    let time: any Timekeeper

    @Sendable func list(_ visit: Visit) async throws -> Answer { try await page(visit, nil, nil) }

    /// The key is in this one answer: there is no page to come back to that has it.
    @Sendable func create(_ visit: Visit) async throws -> Answer {
        let days = visit.form.optional("days")
        let order = KeyOrder(
            name: visit.form["name"], days: days.map { Int($0) ?? 0 }, isReadOnly: visit.form.isChecked("read_only"))
        do {
            let outcome = try await visit.outcome(in: repeats, recording: { (made: CreatedKey) in made.id.text }) {
                once in
                try await accounts.createKey(order, by: visit.requester(), once: once)
            }
            switch outcome {
            case .done(let made): return try await page(visit, made.key, nil)
            case .replayed: return .seeOther("/keys?done=again")
            }
        } catch let refusal as Refusal {
            return try await page(visit, nil, refusal)
        }
    }

    @Sendable func revoke(_ visit: Visit) async throws -> Answer {
        try await accounts.revokeKey(visit.exchange.id, by: visit.requester())
        return .seeOther("/keys?done=revoked")
    }

    private func page(_ visit: Visit, _ made: APIKey?, _ refusal: Refusal?) async throws -> Answer {
        let keys = try await accounts.keys(of: visit.person().account)
        let list: HTML =
            keys.isEmpty
            ? """
            <div class="card empty"><h2>No API keys yet</h2><p>Programs show a key to be let in. Whoever has it can do \
            with your servers what you can, so give each program its own.</p></div>
            """
            : table(keys, visit)
        let form: HTML = """
            \(Field.line(
                "Name", "name", value: made == nil ? visit.form["name"] : "", hint: "What will use it, such as ci",
                refusal: refusal))\(Self.lifetimes(made == nil ? visit.form["days"] : "", refusal))\(Field.box(
                "May read and change nothing", "read_only",
                isChecked: made == nil && visit.form.isChecked("read_only")))\(visit.once(from: Form()))\
            <button class="button">Create a key</button>
            """
        let body: HTML = """
            <div class="head"><div><h1>API keys</h1><p class="soft">For programs and the command line.</p></div></div>
            \(Field.summary(refusal, besides: ["name", "days"]))\(made.map { shown($0, visit) })\(list)
            <section class="card"><h2>Create a key</h2>\(visit.form("/keys", form))</section>
            """
        let notice = Self.notices[visit.query["done"]]
        return visit.page(Page("API keys", at: .keys, notice: notice, body), refused: refusal)
    }

    private static let notices: [String: Page.Notice] = [
        "revoked": .good("The key is revoked: no request with it is answered any more."),
        "again": .bad(
            "This form was sent twice. Its key is made and was shown once: not copied, revoke it and create another."),
    ]

    /// How long a key works.
    private static func lifetimes(_ chosen: String, _ refusal: Refusal?) -> HTML {
        let all = [
            ("", "Until it is revoked"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "A year"),
        ]
        let options = all.map { value, words -> HTML in
            #"<option value="\#(value)"\#(flag: "selected", if: value == chosen)>\#(words)</option>"#
        }
        return """
            <div class="field"><label for="days">Works for</label><select id="days" name="days">\(options)</select>\
            \(refusal?.fields["days"].map { Field.error($0, of: "days") })</div>
            """
    }

    private func shown(_ key: APIKey, _ visit: Visit) -> HTML {
        """
        <section class="card"><h2>Your new key</h2><p><b>Copy it now: it is not shown again.</b></p>
        <div class="line"><code data-copy="the key">\(key.text.exposed)</code></div>
        <pre>curl \(visit.address)/v1/account \
        -H "Authorization: Bearer \(key.text.exposed)"</pre></section>
        """
    }

    private func table(_ keys: [APIKeySummary], _ visit: Visit) -> HTML {
        let now = time.now
        let rows = keys.map { key -> HTML in
            """
            <tr><td data-label="Name"><b>\(key.name)</b>\(key.isReadOnly ? " <span class=\"tag\">Reads only</span>" : .empty)</td>\
            <td data-label="Key" class="mono">aisk_live_\(key.firstFour)…\(key.lastFour)</td>\
            <td data-label="Created">\(StateWords.age(key.createdAt, at: now)) ago</td>\
            <td data-label="Last used">\(key.lastUsedAt.map { "\(StateWords.age($0, at: now)) ago" } ?? "Never")</td>\
            <td data-label="Ends">\(key.expiresAt.map { calendar.words(of: $0) } ?? "—")</td>\
            <td class="number" data-label="">\(visit.button(
                "Revoke", Link("/keys/\(key.id)/revoke"), class: "danger small"))</td></tr>
            """
        }
        return """
            <div class="card"><table><thead><tr><th>Name</th><th>Key</th><th>Created</th>\
            <th>Last used</th><th>Ends</th><th><span class="away">Revoke</span></th></tr>\
            </thead><tbody>\(rows)</tbody></table></div>
            """
    }
}
