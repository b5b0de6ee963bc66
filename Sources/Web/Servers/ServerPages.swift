import Cloud
import HTTPTypes
import Kernel

/// The list of servers, and each of them.
struct ServerPages: Sendable {
    let servers: Servers
    let time: any Timekeeper
    private let memo: ListMemo<HTML>

    init(servers: Servers, time: any Timekeeper) {
        self.servers = servers
        self.time = time
        memo = ListMemo(of: servers, time: time) { $0.text.utf8.count }
    }

    /// Tells of changes in the list, and of each server's.
    @Sendable func events(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        return .events(EventStream(mark: { try await servers.mark(of: account) }, time: time))
    }

    @Sendable func list(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        let content = try await memo.content(for: visit.rawQuery, of: account) {
            try await self.content(visit, account)
        }
        let body: HTML = """
            <div class="head"><h1>Servers</h1><a class="button" href="/servers/new">Deploy a server</a></div>\(content)
            """
        let notice: Page.Notice? = visit.query["done"] == "destroyed" ? .good("The server is destroyed.") : nil
        return visit.page(Page("Servers", at: .servers, notice: notice, body))
    }

    /// The list with its filters: the same for everybody who may see it.
    private func content(_ visit: Visit, _ account: AccountID) async throws -> HTML {
        let (query, refusal) = query(visit)
        let page = try await servers.list(query, of: account)
        let isFiltered = (ServerParameter.allCases.map(\.rawValue) + ["search"]).contains {
            visit.query.optional($0) != nil
        }
        let content: HTML =
            if page.servers.isEmpty && !isFiltered {
                """
                <div class="card empty"><h2>No servers yet</h2><p>A server is yours within a minute, and costs you \
                nothing once it is destroyed.</p>\
                <a class="button" href="/servers/new">Deploy your first server</a></div>
                """
            } else {
                "\(filters(visit))\(table(page))\(more(page, visit))"
            }
        let isMoving = page.servers.contains { StateWords.isMoving($0.state) }
        return """
            \(Field.summary(refusal, besides: []))<div data-live data-events="/servers/events" data-part="servers">\
            \(isMoving ? "<span data-moving></span>" : .empty)\(content)</div>
            """
    }

    /// A filter that cannot be understood is said, and left out.
    private func query(_ visit: Visit) -> (ServerQuery, Refusal?) {
        var texts: [ServerParameter: String] = [:]
        for parameter in ServerParameter.allCases { texts[parameter] = visit.query.optional(parameter.rawValue) }
        texts[.limit] = texts[.limit] ?? "50"
        var query = ServerQuery()
        query.limit = 50
        var refusal: Refusal?
        do {
            query = try servers.query(texts)
        } catch {
            refusal = error as? Refusal
        }
        query.search = visit.query.optional("search")
        return (query, refusal)
    }

    private func filters(_ visit: Visit) -> HTML {
        let states = ServerState.allCases.filter { $0 != .terminated }.map { state -> HTML in
            let isChosen = visit.query["state"] == state.rawValue
            return """
                <option value="\(state.rawValue)"\(flag: "selected", if: isChosen)>\(StateWords.words(state))</option>
                """
        }
        return """
            <form class="filters" method="get" action="/servers">\
            <div class="field"><label for="search">Name</label><input id="search" name="search" type="search" \
            value="\(visit.query["search"])"></div>\
            <div class="field"><label for="state">State</label><select id="state" name="state">\
            <option value="">Any</option>\(states)</select></div>\
            \(filter("Region", "region", regions, visit))\(filter("Plan", "plan", plans, visit))<button>Show</button>\
            <a class="button quiet plain" href="/servers">All</a></form>
            """
    }

    private var regions: [(String, String)] { servers.offers.catalogue.regions.map { ($0.id.text, $0.name) } }

    private var plans: [(String, String)] { servers.offers.catalogue.plans.map { ($0.id.text, $0.name) } }

    private func filter(_ label: String, _ name: String, _ choices: [(String, String)], _ visit: Visit) -> HTML {
        let chosen = visit.query[name]
        let options = choices.map { value, words -> HTML in
            #"<option value="\#(value)"\#(flag: "selected", if: value == chosen)>\#(words)</option>"#
        }
        return """
            <div class="field"><label for="\(name)">\(label)</label><select id="\(name)" name="\(name)">\
            <option value="">Any</option>\(options)</select></div>
            """
    }

    private func table(_ page: ServerPage) -> HTML {
        guard !page.servers.isEmpty else {
            return
                #"<div class="card empty"><h2>None like this</h2><p>You have no server like that.</p></div>"#
        }
        let now = time.now
        let rows = page.servers.map { server -> HTML in
            """
            <tr><td data-label="Name"><a href="\(Link("/servers/\(server.id)"))"><b>\(server.name)</b></a></td>
            <td data-label="State">\(StateWords.badge(server.state))</td>
            <td data-label="Plan">\(server.planName)</td><td data-label="Region">\(server.region.text)</td>
            <td data-label="Address" class="mono">\(address(of: server))</td>
            <td data-label="Age">\(StateWords.age(server.createdAt, at: now))</td>
            <td data-label="This month" class="number">\(page.costs.costThisMonth(of: server).text)</td></tr>
            """
        }
        return """
            <div class="card"><table><thead><tr><th>Name</th><th>State</th><th>Plan</th><th>Region</th><th>Address</th>\
            <th>Age</th><th class="number">This month</th></tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }

    private func address(of server: Server) -> HTML {
        server.address.map { #"<span data-copy="the address of \#(server.name)">\#($0)</span>"# } ?? "—"
    }

    private func more(_ page: ServerPage, _ visit: Visit) -> HTML {
        guard let next = page.next else { return .empty }
        let kept = ["search", "name", "state", "region", "plan"].compactMap { name in
            visit.query.optional(name).map { (name: name, value: $0) }
        }
        return #"<p><a href="\#(Link("/servers").with(kept + [("cursor", next.text)]))">More servers</a></p>"#
    }
}
