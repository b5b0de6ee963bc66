import Cloud
import HTTPTypes
import Kernel

/// One server: how to reach it, and what can be done with it.
struct OneServerPages: Sendable {
    let servers: Servers
    let repeats: Repeats
    let catalogue: Catalogue
    let time: any Timekeeper

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    /// The server with what became of an act.
    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let account = try visit.person().account
        let (server, cost) = try await servers.showWithCost(visit.exchange.id, of: account)
        let progress = try await servers.progress(of: server.id, account: account)
        let isMoving = StateWords.isMoving(server.state)
        let body: HTML = """
            <p><a href="/servers">Servers</a></p>\(Field.summary(refusal, besides: ["name"]))
            <div data-live data-part="server">\(isMoving ? "<span data-moving></span>" : .empty)
            <div class="head"><div><h1>\(server.name)</h1><p>\(StateWords.badge(server.state)) \
            <span class="soft">\(progress.map { "\($0)…" } ?? "")</span></p></div>
            <div class="row">\(actions(server, visit))</div></div>
            \(failure(server))\(reach(server))\(facts(server, cost))</div>
            \(server.state == .terminated ? .empty : resize(server, visit))
            \(server.state == .terminated ? .empty : destruction(server, visit, refusal))
            """
        return visit.page(Page(server.name, at: .servers, body), refused: refusal)
    }

    private func failure(_ server: Server) -> HTML {
        server.failure.map { #"<p class="notice bad">\#($0.message)</p>"# } ?? .empty
    }

    private func reach(_ server: Server) -> HTML {
        guard let address = server.address else { return .empty }
        let port = server.sshPort == 22 ? "" : "-p \(server.sshPort) "
        return """
            <section class="card"><h2>Sign in</h2>
            <div class="line"><code data-copy="the ssh line">ssh \(port)\(server.sshUser)@\(address)</code></div>
            <p class="soft">With the SSH keys that were on your account when it was deployed.</p></section>
            """
    }

    private func facts(_ server: Server, _ cost: Money) -> HTML {
        """
        <section class="card"><h2>About it</h2><dl>
        <dt>Plan</dt><dd>\(server.planName): \(server.size.vcpu) cores, \(server.size.ramLabel) memory, \
        \(server.size.storage.count) GB disk</dd>
        <dt>Price</dt><dd>\(server.price.text) a month</dd><dt>Cost so far</dt><dd>\(cost.text)</dd>
        <dt>Region</dt><dd>\(catalogue.region(server.region)?.name ?? server.region.text)</dd>
        <dt>Image</dt><dd>\(catalogue.image(server.image)?.name ?? server.image.text)</dd>
        <dt>Age</dt><dd>\(StateWords.age(server.createdAt, at: time.now))</dd>
        <dt>Id</dt><dd><code>\(server.id.text)</code></dd></dl></section>
        """
    }

    private func actions(_ server: Server, _ visit: Visit) -> [HTML] {
        let all: [(name: String, label: String, states: Set<ServerState>)] = [
            ("start", "Start", [.stopped]), ("stop", "Stop", [.running]), ("reboot", "Reboot", [.running]),
        ]
        return all.filter { $0.states.contains(server.state) }.map { action in
            visit.button(
                action.label, Link("/servers/\(server.id)/actions"),
                "\(Field.hidden("action", action.name))\(visit.once(from: Form()))")
        }
    }

    private func resize(_ server: Server, _ visit: Visit) -> HTML {
        let plans = catalogue.plans.filter { $0.id != server.plan && $0.size.storage >= server.size.storage }
        guard [.running, .stopped].contains(server.state), !plans.isEmpty else { return .empty }
        let options = plans.map { plan -> HTML in
            let change = plan.price - server.price
            let sign = change < .zero ? "" : "+"
            return """
                <option value="\(plan.id.text)">\(plan.name) — \(PlanWords.short(plan)), \(plan.price.text) \
                (\(sign)\(change.text) a month)</option>
                """
        }
        let fields: HTML = """
            \(Field.hidden("action", "resize"))\(visit.once(from: Form()))<div class="field">\
            <label for="plan">New plan</label><select id="plan" name="plan">\(options)</select></div>\
            <button>Resize\(server.state == .running ? " and reboot" : "")</button>
            """
        return """
            <section class="card"><h2>Resize</h2><p class="soft">The disk grows and never shrinks. What it costs \
            changes when the new size runs.</p>\(visit.form(Link("/servers/\(server.id)/actions"), fields))</section>
            """
    }

    private func destruction(_ server: Server, _ visit: Visit, _ refusal: Refusal?) -> HTML {
        let fields: HTML = """
            \(Field.line("Type \(server.name) to destroy it", "name", value: visit.form["name"], refusal: refusal))\
            \(visit.once(from: Form()))<button class="danger">Destroy \(server.name)</button>
            """
        return """
            <section class="card"><details\(flag: "open", if: refusal?.fields["name"] != nil)>\
            <summary>Destroy this server</summary><p>Its disk and its address go with it, and so do the DNS records \
            that point to it. It costs nothing from that moment. There is no way back.</p>\
            \(visit.form(Link("/servers/\(server.id)/destroy"), fields))</details></section>
            """
    }

    @Sendable func act(_ visit: Visit) async throws -> Answer {
        let order = ActionOrder(action: visit.form["action"], plan: visit.form.optional("plan"), force: false)
        do {
            return try await visit.once(in: repeats, to: Link("/servers/\(visit.exchange.id)")) { once in
                try await servers.act(order, on: visit.exchange.id, by: visit.requester(), once: once)
            }
        } catch let refusal as Refusal where refusal.code != .notFound {
            return try await page(visit, refusal)
        }
    }

    @Sendable func destroy(_ visit: Visit) async throws -> Answer {
        let server = try await servers.show(visit.exchange.id, of: visit.person().account)
        do {
            guard visit.form["name"] == server.name else {
                throw Refusal(
                    .invalid, "The server was not destroyed", fields: ["name": "is not the name of this server"])
            }
            return try await visit.once(in: repeats, to: "/servers?done=destroyed") { once in
                try await servers.destroy(visit.exchange.id, by: visit.requester(), once: once)
            }
        } catch let refusal as Refusal where refusal.code != .notFound {
            return try await page(visit, refusal)
        }
    }
}

extension Visit {
    /// Does `act` once for the form that was sent, however often it is, and leads to `link` each time.
    /// - Parameter link: where to go; a closure knows what was made.
    func once<Value: Sendable>(
        in repeats: Repeats, to link: Link, by act: (Once<Value>) async throws -> Value
    ) async throws -> Answer {
        try await once(in: repeats, leadingTo: { _ in link }, by: act)
    }

    func once<Value: Sendable>(
        in repeats: Repeats, leadingTo link: @escaping @Sendable (Value) -> Link,
        by act: (Once<Value>) async throws -> Value
    ) async throws -> Answer {
        let claim = form.optional(FormField.once).map {
            RepeatClaim(
                key: "form:\($0)", method: "POST", path: exchange.pathSegments,
                body: form.carried.flatMap { Array("\($0.name)=\($0.value)&".utf8) })
        }
        let outcome = try await repeats.answer(
            claim, of: try person().account, with: { RecordedAnswer(status: 303, body: link($0).text) }, by: act)
        switch outcome {
        case .done(let value): return .seeOther(link(value))
        case .replayed(let recorded): return .seeOther(Link(returning: recorded.body) ?? "/home")
        }
    }
}
