import Cloud
import HTTPTypes

/// What anybody sees first: what there is, and what it costs.
struct LandingPages: Sendable {
    let offers: Offers

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        let body: HTML = """
            <section class="hero"><h1>Cloud servers by one call, and nothing to read twice</h1>
            <p class="lead">Deploy, resize, reboot and destroy servers from a page or a small REST API. You pay by the \
            second, and never more than the price of the month.</p>
            <p><a class="button" href="/signup">Create an account</a> <a class="button quiet plain" href="#plans">See \
            the prices</a></p></section>
            <section class="card"><h2>From nothing to a shell</h2>
            <pre>curl -X POST \(visit.address)/v1/servers \\
              -H "Authorization: Bearer aisk_live_…" \\
              -d '{"plan":"standard","region":"\(region)","image":"\(image)","name":"my-app"}'</pre>
            <p class="soft">Then <code>ssh</code> to the address it gets. Your key is on it already.</p></section>
            <section id="plans"><h2>Plans</h2><div class="grid">\(offers.catalogue.plans.map(Self.plan))</div></section>
            <section class="card"><h2>Where</h2><p>\(regions)</p></section>
            """
        return visit.page(Page("Cloud servers", body))
    }

    private var region: String { offers.catalogue.regions.first?.id.text ?? "" }
    private var image: String { offers.catalogue.images.first?.id.text ?? "" }

    private var regions: String {
        offers.catalogue.regions.map { "\($0.flag) \($0.name)" }.joined(separator: "  ·  ")
    }

    private static func plan(_ plan: Plan) -> HTML {
        """
        <article class="card plan"><h3>\(plan.name)\(plan.popular ? " <span class=\"tag\">Popular</span>" : .empty)</h3>
        <p class="price">\(plan.price.text) <small>a month</small></p>
        <ul>\(PlanWords.lines(of: plan).map { "<li>\($0)</li>" as HTML })</ul>
        <a href="\(Link("/servers/new").with([("plan", plan.id.text)]))">Deploy \(plan.name)</a></article>
        """
    }
}

/// What a plan is made of.
enum PlanWords {
    static func lines(of plan: Plan) -> [String] {
        [
            cores(plan), "\(plan.size.ramLabel) memory", "\(plan.size.storage.count) GB disk",
            "\(plan.bandwidth) traffic",
        ]
    }

    static func cores(_ plan: Plan) -> String {
        "\(plan.size.vcpu) \(plan.size.vcpu == 1 ? "core" : "cores")"
    }

    static func short(_ plan: Plan) -> String {
        "\(cores(plan)), \(plan.size.ramLabel), \(plan.size.storage.count) GB"
    }
}
