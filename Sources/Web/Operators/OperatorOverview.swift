import Cloud
import HTTPTypes
import Kernel

/// What an operator looks at first: what went wrong, what is stuck, and what stands on the hosts.
struct OperatorOverview: Sendable {
    let cloud: Cloud

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        let servers = try await cloud.operators.failedServers()
        let work = try await cloud.operators.stuckWork()
        let hosts = try await cloud.operators.hosts()
        let body: HTML = """
            \(OperatorMenu.head("Operator", at: "Overview"))
            <section class="card"><h2>Work that is stuck</h2>\(stuck(work, visit))</section>
            <section class="card"><h2>Servers with a failure</h2>\(failed(servers))</section>
            <section class="card"><h2>Hosts</h2>\(Self.standings(hosts))</section>
            """
        let notice: Page.Notice? = visit.query["done"] == "retried" ? .good("It is tried again now.") : nil
        return visit.page(Page("Operator", at: .operator, notice: notice, body))
    }

    @Sendable func retry(_ visit: Visit) async throws -> Answer {
        try await cloud.operators.retry(visit.exchange.id, by: visit.person(), from: visit.origin)
        return .seeOther("/operator?done=retried")
    }

    @Sendable func log(_ visit: Visit) async throws -> Answer {
        let page = try await cloud.operators.log(AuditTable.query(of: visit))
        let table = AuditTable(calendar: cloud.billing.terms.calendar, showsAccount: true)
        let body: HTML = """
            \(OperatorMenu.head("What operators did", at: "Log"))\(AuditTable.filter(visit))\(table.rows(page))\
            \(AuditTable.more(page, visit))
            """
        return visit.page(Page("What operators did", at: .operator, body))
    }

    /// What is sold, where, and what stands in the way of it now.
    @Sendable func catalogue(_ visit: Visit) async throws -> Answer {
        let catalogue = cloud.offers.catalogue
        let plans = catalogue.plans.map { plan -> HTML in
            """
            <tr><td data-label="Plan"><b>\(plan.name)</b> <code>\(plan.id.text)</code></td>\
            <td data-label="Size">\(PlanWords.short(plan))</td><td data-label="Traffic">\(plan.bandwidth)</td>\
            <td data-label="A month" class="number">\(plan.price.text)</td></tr>
            """
        }
        let images = catalogue.regions.flatMap { region in catalogue.images.map { image(of: $0, in: region) } }
        let body: HTML = """
            \(OperatorMenu.head("Catalogue", at: "Catalogue"))
            <section class="card"><h2>Plans</h2><table><thead><tr><th>Plan</th><th>Size</th><th>Traffic</th>\
            <th class="number">A month</th></tr></thead><tbody>\(plans)</tbody></table></section>
            <section class="card"><h2>Images by region</h2><table><thead><tr><th>Region</th><th>Image</th><th>Engine</th>\
            <th>Now</th></tr></thead><tbody>\(images)</tbody></table></section>
            """
        return visit.page(Page("Catalogue", at: .operator, body))
    }

    private func image(of image: Image, in region: Region) -> HTML {
        var words = "Can be deployed"
        if case .unavailable(let reason) = cloud.offers.availability(of: image, in: region) { words = reason }
        return """
            <tr><td data-label="Region">\(region.flag) \(region.name)</td><td data-label="Image">\(image.name)</td>\
            <td data-label="Engine">\(region.engine)</td><td data-label="Now">\(words)</td></tr>
            """
    }

    private func stuck(_ work: [StuckWork], _ visit: Visit) -> HTML {
        guard !work.isEmpty else { return #"<p class="soft">None: everything is done or on its way.</p>"# }
        let now = cloud.clock.now
        let rows = work.map { work -> HTML in
            let late = work.deadline.map { $0 < now ? "\(StateWords.age($0, at: now)) past its deadline" : "" } ?? ""
            return """
                <tr><td data-label="Work"><b>\(work.kind)</b><br><span class="soft mono">\(work.subject)</span></td>\
                <td data-label="Of">\(work.email ?? "The cloud itself")</td>\
                <td data-label="Where">\(work.step)<br><span class="soft">\(work.note ?? "")</span></td>\
                <td data-label="How long">\(StateWords.age(work.createdAt, at: now)), \(work.attempts) failed attempts\
                <br><span class="soft">\(late)</span></td><td class="number" data-label="">\
                \(visit.button("Try now", Link("/operator/work/\(work.id)/retry"), class: "small"))</td></tr>
                """
        }
        return """
            <table><thead><tr><th>Work</th><th>Of</th><th>Where</th><th>How long</th><th><span class="away">Try now</span>\
            </th></tr></thead><tbody>\(rows)</tbody></table>
            """
    }

    private func failed(_ servers: [FailedServer]) -> HTML {
        guard !servers.isEmpty else { return #"<p class="soft">None.</p>"# }
        let now = cloud.clock.now
        let rows = servers.map { server -> HTML in
            """
            <tr><td data-label="Server"><b>\(server.name)</b><br><span class="soft mono">\(server.id.text)</span></td>\
            <td data-label="Of"><a href="\(Link("/operator/accounts/\(server.account)"))">\(server.email)</a></td>\
            <td data-label="Engine">\(server.engine)</td><td data-label="State">\(StateWords.badge(server.state))</td>\
            <td data-label="Why">\(server.message) <code>\(server.code)</code></td>\
            <td data-label="Age">\(StateWords.age(server.createdAt, at: now))</td></tr>
            """
        }
        return """
            <table><thead><tr><th>Server</th><th>Of</th><th>Engine</th><th>State</th><th>Why</th><th>Age</th></tr></thead>\
            <tbody>\(rows)</tbody></table>
            """
    }

    private static func standings(_ hosts: [EngineStanding]) -> HTML {
        let rows = hosts.map { host -> HTML in
            """
            <tr><td data-label="Engine"><b>\(host.name)</b>\(host.isHere ? .empty : " <span class=\"tag\">not on this node</span>")\
            </td><td data-label="Node">\(host.node ?? "—")</td><td data-label="Servers">\(host.servers), \
            \(host.running) running</td><td data-label="Promised" class="number">\(host.cores) cores, \
            \(host.memoryMiB / 1024) GB memory, \(host.storageGiB) GB disk</td></tr>
            """
        }
        return """
            <table><thead><tr><th>Engine</th><th>Node</th><th>Servers</th><th class="number">Promised</th></tr></thead>\
            <tbody>\(rows)</tbody></table>
            """
    }
}
