import Cloud
import HTTPTypes
import Kernel

/// One server: how to reach it, and what can be done with it.
struct OneServerPages: Sendable {
    let servers: Servers
    let domains: Domains
    let repeats: Repeats
    let catalogue: Catalogue
    let time: any Timekeeper

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    /// The server with what became of an act.
    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let account = try visit.person().account
        let (server, cost) = try await servers.showWithCost(visit.exchange.id, of: account)
        let progress = try await servers.progress(of: server.id, account: account)
        let timeline = try await servers.timeline(of: server.id, account: account)
        let isMoving = StateWords.isMoving(server.state) || progress != nil
        let body: HTML = """
            <p><a href="/servers">Servers</a></p>\(Field.summary(refusal, besides: ["name"]))
            <div data-live="\(Link("/servers/\(server.id)"))" data-events="/servers/events" data-part="server">\(isMoving ? "<span data-moving></span>" : .empty)
            <div class="head"><div><h1>\(server.name)</h1><p>\(StateWords.badge(server.state)) \
            <span class="soft">\(progress.map { "\($0)…" } ?? "")</span></p></div>
            <div class="row">\(actions(server, visit))</div></div>
            \(failure(server))\(reach(server))\(facts(server, cost))\
            \(Timeline(entries: timeline, now: time.now).html)</div>
            \(server.state == .terminated ? .empty : Self.console(server))            <div data-part="resize">\(server.state == .terminated ? .empty : resize(server, visit))</div>
            \(server.state == .terminated ? .empty : try await destruction(server, visit, refusal))
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
        let billed: HTML =
            switch server.state {
            case .running:
                #"<span class="soft">A stopped server keeps its disk and address, and is still charged</span>"#
            case .stopped: #"<span class="soft">Still charged: destroy it to pay nothing</span>"#
            default: .empty
            }
        return [billed]
            + all.filter { $0.states.contains(server.state) }.map { action in
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

    private static func console(_ server: Server) -> HTML {
        """
        <section class="card"><h2>Console</h2><p>What the machine prints while it boots and runs. \
        <a href="\(Link("/servers/\(server.id)/console"))">Look at the console</a></p></section>
        """
    }

    private func destruction(
        _ server: Server, _ visit: Visit, _ refusal: Refusal?
    ) async throws -> HTML {
        let records = try await domains.records(pointingAt: server.id, account: server.account)
        let names: HTML =
            records.isEmpty
            ? .empty
            : """
            <p>These DNS records go with it:</p><ul class="mono">\(records.map { "<li>\($0)</li>" as HTML })</ul>
            """
        let fields: HTML = """
            \(Field.line("Type \(server.name) to destroy it", "name", value: visit.form["name"], refusal: refusal))\
            \(visit.once(from: Form()))<button class="danger">Destroy \(server.name)</button>
            """
        return """
            <section class="card"><details\(flag: "open", if: refusal?.fields["name"] != nil)>\
            <summary>Destroy this server</summary><p>Its disk and its address go with it. It costs nothing from that \
            moment. There is no way back.</p>\(names)\
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
