import Cloud
import HTTPTypes

/// How the API is used: written chapters, and what its own description says of each call.
struct DocumentationPages: Sendable {
    let offers: Offers

    /// Where everything begins, and what there is to read.
    @Sendable func overview(_ visit: Visit) async throws -> Answer {
        let contents = Chapter.all.map { #"<li><a href="\#($0.link)">\#($0.title)</a></li>"# as HTML }
        let body: HTML = """
            <h1>API documentation</h1>
            <p class="lead">Deploy, resize, reboot and destroy servers, buy names and set their records: by a small REST \
            API that speaks JSON and tells what it does.</p>
            <h2>Basics</h2>
            <p>Everything below is relative to <code>\(visit.address)/v1</code>. Requests and answers are JSON. Money is \
            whole cents of Australian dollars: <code>3900</code> is A$39.00. Times are UTC.</p>
            <h2>Authentication</h2>
            <p>Send a key with every request. You create keys on the page <a href="/keys">API keys</a>; each is shown once. \
            A key can end by itself, and can be one that only reads. The lists of plans, regions and images need none.</p>
            <pre tabindex="0">Authorization: Bearer aisk_live_…</pre>
            <h2>From zero to SSH in four steps</h2>
            <ol><li><a href="/signup">Create an account</a>.</li>
            <li><a href="/ssh-keys">Add your SSH key</a>: every server you deploy has it.</li>
            <li><a href="/keys">Create an API key</a>, and keep it.</li>
            <li>Say <a href="/payment">how you pay</a>, and deploy with one call:</li></ol>
            <pre tabindex="0" data-copy="the call">\(deployment(at: visit.address))</pre>
            <p>It answers 201 with the server and its <code>id</code>. Ask for it until its <code>state</code> is \
            <code>running</code>:</p>
            <pre tabindex="0" data-copy="the call">curl \(visit.address)/v1/servers/sv_… -H "Authorization: Bearer $KEY"</pre>
            <p>Then sign in: <code>ssh \(image?.user ?? "debian")@</code>, and the address it says.</p>
            <h2>Everything else</h2><ul class="contents">\(contents)</ul>
            <p>The whole description for programs is <a href="/v1/openapi.json">OpenAPI 3.1</a>.</p>
            """
        return visit.page(Page("API documentation", at: .none, framed(body, here: nil)))
    }

    @Sendable func chapter(_ visit: Visit) async throws -> Answer {
        guard let chapter = Chapter.all.first(where: { $0.id == visit.exchange.id }) else {
            throw Refusal(.notFound, "There is no such chapter")
        }
        let operations = try APIReference.embedded.get().operations.filter { chapter.tags.contains($0.tag) }
        let list = operations.map { operation -> HTML in
            """
            <li><a href="\(Link("#\(operation.id)"))"><code>\(operation.method)</code> \(operation.summary)</a></li>
            """
        }
        let body: HTML = """
            <h1>\(chapter.title)</h1>\(ChapterWords.html(of: chapter, at: visit.address, offers.catalogue))
            \(list.isEmpty ? .empty : "<ul class=\"contents\">\(list)</ul>" as HTML)
            \(operations.map { CallCard(operation: $0, address: visit.address).html })
            """
        return visit.page(Page("\(chapter.title) · API", at: .none, framed(body, here: chapter)))
    }

    /// The text with the contents beside it.
    private func framed(_ body: HTML, here: Chapter?) -> HTML {
        let links = Chapter.all.map { chapter -> HTML in
            let mark: HTML = chapter.id == here?.id ? #" aria-current="page""# : .empty
            return #"<li><a href="\#(chapter.link)"\#(mark)>\#(chapter.title)</a></li>"#
        }
        let mark: HTML = here == nil ? #" aria-current="page""# : .empty
        return """
            <div class="guide"><nav class="chapters" aria-label="Documentation"><ul>\
            <li><a href="/docs"\(mark)>Quickstart</a></li>\(links)</ul></nav><div class="text">\(body)</div></div>
            """
    }

    private var image: Image? {
        offers.catalogue.images.first { offers.availability(of: $0) == .available } ?? offers.catalogue.images.first
    }

    private func deployment(at address: String) -> HTML {
        let plan = offers.catalogue.plans.first { $0.popular } ?? offers.catalogue.plans.first
        let fields = """
            {"plan":"\(plan?.id.text ?? "")","region":"\(offers.catalogue.regions.first?.id.text ?? "")",\
            "image":"\(image?.id.text ?? "")","name":"my-app"}
            """
        return """
            curl -X POST \(address)/v1/servers \\
              -H "Authorization: Bearer $KEY" \\
              -d '\(fields)'
            """
    }
}
