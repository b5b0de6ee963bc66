import Cloud
import HTTPTypes

/// What somebody sees who signed in.
struct HomePages: Sendable {
    let cloud: Cloud

    private static let notices = [
        "confirmed": "Your address is confirmed. Welcome.",
        "password": "Your password is changed, and every other browser is signed out.",
    ]

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        let standing = try await cloud.accounts.standing(of: account)
        let servers = try await cloud.servers.list(of: account)
        let steps = Self.steps(
            standing, sshKeys: try await cloud.sshKeys.list(of: account).count,
            keys: try await cloud.accounts.keys(of: account).count, servers: servers.count)
        let checklist: HTML =
            steps.allSatisfy(\.isDone)
            ? .empty
            : """
            <section class="card"><h2>Four steps to your first server</h2>
            <ol class="steps">\(steps.enumerated().map { Self.step($0.offset + 1, $0.element) })</ol></section>
            """
        let body: HTML = """
            <div class="head"><h1>Home</h1><a class="button" href="/servers/new">Deploy a server</a></div>
            \(Self.hindrance(standing))\(checklist)
            \(Self.underWay(try await cloud.servers.underWay(of: account)))
            <div class="grid" data-live data-events="/servers/events" data-part="sums">\(Self.states(servers))\(Self.money(standing))</div>
            """
        let notice = Self.notices[visit.query["done"]].map(Page.Notice.good)
        return visit.page(Page("Home", at: .home, notice: notice, body))
    }

    private static func hindrance(_ standing: AccountStanding) -> HTML {
        guard standing.suspended else { return .empty }
        return #"<p class="notice bad">\#(AccountStanding.suspension.sentence).</p>"#
    }

    private struct Step {
        let words: String
        let detail: String
        let link: Link
        let isDone: Bool
    }

    private static func steps(_ standing: AccountStanding, sshKeys: Int, keys: Int, servers: Int) -> [Step] {
        [
            Step(
                words: "Say how you pay", detail: "Nothing is charged before a server runs.", link: "/payment",
                isDone: standing.hindrance == nil),
            Step(
                words: "Add your SSH key", detail: "It is installed on every server you deploy.", link: "/ssh-keys",
                isDone: sshKeys > 0),
            Step(
                words: "Create an API key", detail: "For programs; this site works without.", link: "/keys",
                isDone: keys > 0),
            Step(
                words: "Deploy a server", detail: "It runs in less than a minute.", link: "/servers/new",
                isDone: servers > 0),
        ]
    }

    private static let done: HTML = #" <span class="soft">— done</span>"#

    private static func step(_ number: Int, _ step: Step) -> HTML {
        """
        <li\(step.isDone ? " class=\"done\"" : .empty)><span class="tick" aria-hidden="true">\
        \(step.isDone ? "✓" : "\(number)")</span><span><a href="\(step.link)">\(step.words)</a>\
        \(step.isDone ? done : "<br><span class=\"soft\">\(step.detail)</span>")\
        </span></li>
        """
    }

    private static func states(_ servers: [Server]) -> HTML {
        let counts = ServerState.allCases.compactMap { state -> HTML? in
            let count = servers.count { $0.state == state }
            guard count > 0 else { return nil }
            let link = Link("/servers").with([("state", state.rawValue)])
            return #"<li><a href="\#(link)">\#(StateWords.badge(state))</a> <b>\#(count)</b></li>"#
        }
        let content: HTML =
            counts.isEmpty
            ? #"<p class="soft">None yet. The first one takes a minute.</p>"#
            : #"<ul class="steps">\#(counts)</ul>"#
        return #"<section class="card"><h2>Servers</h2>\#(content)</section>"#
    }

    private static func underWay(_ works: [(server: ServerID, name: String, operation: Operation)]) -> HTML {
        let rows = works.map { work -> HTML in
            """
            <li><a href="\(Link("/servers/\(work.server)"))"><b>\(work.name)</b></a> is \(work.operation.words)</li>
            """
        }
        guard !works.isEmpty else { return #"<div data-part="works"></div>"# }
        return """
            <div data-part="works"><section class="card"><h2>Under way</h2><ul class="steps">\(rows)</ul></section></div>
            """
    }

    private static func money(_ standing: AccountStanding) -> HTML {
        """
        <section class="card"><h2>Committed each month</h2><p class="big">\(standing.committed.text)</p>
        <p class="soft">of your cap of \(standing.spendCap.text); \(standing.remaining.text) remain</p>
        <meter min="0" max="\(max(1, standing.spendCap.cents))" value="\(standing.committed.cents)" \
        aria-label="Committed of the cap"></meter>
        <p class="soft">\(standing.servers) of \(standing.serverLimit) servers</p></section>
        """
    }
}
