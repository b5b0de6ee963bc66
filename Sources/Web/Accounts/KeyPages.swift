import Cloud
import HTTPTypes
import Kernel

/// Keys for programs.
struct KeyPages: Sendable {
    let accounts: Accounts
    let time: any Timekeeper

    @Sendable func list(_ visit: Visit) async throws -> Answer { try await page(visit, nil, nil) }

    /// The key is in this one answer: there is no page to come back to that has it.
    @Sendable func create(_ visit: Visit) async throws -> Answer {
        do {
            let (_, key) = try await accounts.createKey(named: visit.form["name"], by: visit.requester())
            return try await page(visit, key, nil)
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
                refusal: refusal))<button class="button">Create a key</button>
            """
        let body: HTML = """
            <div class="head"><div><h1>API keys</h1><p class="soft">For programs and the command line.</p></div></div>
            \(Field.summary(refusal, besides: ["name"]))\(made.map { shown($0, visit) })\(list)
            <section class="card"><h2>Create a key</h2>\(visit.form("/keys", form))</section>
            """
        let notice: Page.Notice? = visit.query["done"] == "revoked" ? .good("The key is revoked.") : nil
        return visit.page(Page("API keys", at: .keys, notice: notice, body), refused: refusal)
    }

    private func shown(_ key: APIKey, _ visit: Visit) -> HTML {
        """
        <section class="card"><h2>Your new key</h2><p><b>Copy it now: it is not shown again.</b></p>
        <div class="line"><code data-copy="the key">\(key.text.exposed)</code></div>
        <pre>curl \(visit.site.isSecure ? "https" : "http")://\(visit.exchange.authority)/v1/account \
        -H "Authorization: Bearer \(key.text.exposed)"</pre></section>
        """
    }

    private func table(_ keys: [APIKeySummary], _ visit: Visit) -> HTML {
        let now = time.now
        let rows = keys.map { key -> HTML in
            """
            <tr><td data-label="Name"><b>\(key.name)</b></td>\
            <td data-label="Key" class="mono">aisk_live_\(key.firstFour)…\(key.lastFour)</td>\
            <td data-label="Created">\(StateWords.age(key.createdAt, at: now)) ago</td>\
            <td data-label="Last used">\(key.lastUsedAt.map { "\(StateWords.age($0, at: now)) ago" } ?? "Never")</td>\
            <td class="number" data-label="">\(visit.button(
                "Revoke", Link("/keys/\(key.id)/revoke"), class: "danger small"))</td></tr>
            """
        }
        return """
            <div class="card"><table><thead><tr><th>Name</th><th>Key</th><th>Created</th>\
            <th>Last used</th><th></th></tr>\
            </thead><tbody>\(rows)</tbody></table></div>
            """
    }
}
