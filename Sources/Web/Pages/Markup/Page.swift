import Cloud
import HTTPTypes

/// A whole page.
struct Page {
    let title: String
    /// The place in the menu that is lit.
    var place = Place.none
    /// A sentence above everything else.
    var notice: Notice?
    let body: HTML

    enum Place: String, CaseIterable {
        case none
        case home
        case servers
        case domains
        case billing
        case sshKeys
        case keys
        case account
        case `operator`
    }

    enum Notice {
        case good(String)
        case bad(String)
    }

    init(_ title: String, at place: Place = .none, notice: Notice? = nil, _ body: HTML) {
        self.title = title
        self.place = place
        self.notice = notice
        self.body = body
    }
}

extension Visit {
    func page(_ page: Page, _ status: HTTPResponse.Status = .ok, _ headers: [HTTPField] = []) -> Answer {
        Answer(status, Array(Shell.page(page, for: self).text.utf8), as: .page, headers: headers)
    }

    /// The page again, with what is wrong, as `status` says it.
    func page(_ page: Page, refused refusal: Refusal?) -> Answer {
        guard let refusal else { return self.page(page) }
        let wait = refusal.retryAfter.map { max(1, $0.components.seconds) }
        return self.page(
            page, ErrorResponder.status(of: refusal.code),
            wait.map { [HTTPField(name: .retryAfter, value: "\($0)")] } ?? [])
    }
}

/// What stands around every page.
enum Shell {
    static func page(_ page: Page, for visit: Visit) -> HTML {
        let isIn = visit.session?.stage == .open
        return document(
            title: "\(page.title) · \(visit.site.name)",
            """
            <header class="top"><div class="wide">
            <a class="brand" href="\(isIn ? "/home" : "/" as Link)"><span class="mark" aria-hidden="true"></span>\
            \(visit.site.name)</a>
            \(isIn ? menu(page.place, visit) : visitorMenu)
            </div></header>
            <main id="main" class="wide">\(page.notice.map(notice))\(page.body)</main>
            \(foot)
            """)
    }

    static func document(title: String, _ body: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="\(Assets.icon.link)" type="image/svg+xml">
        <link rel="stylesheet" href="\(Assets.style.link)">
        <script src="\(Assets.script.link)" defer></script></head>
        <body><a class="skip" href="#main">Skip to content</a>
        \(body)
        </body></html>

        """
    }

    private static func menu(_ place: Page.Place, _ visit: Visit) -> HTML {
        var items: [(Page.Place, String, Link)] = [
            (.home, "Home", "/home"), (.servers, "Servers", "/servers"), (.domains, "Domains", "/domains"),
            (.billing, "Billing", "/billing"),
            (.sshKeys, "SSH keys", "/ssh-keys"), (.keys, "API keys", "/keys"), (.account, "Account", "/account"),
        ]
        if visit.session?.isOperator == true { items.append((.operator, "Operator", "/operator")) }
        let links = items.map { item -> HTML in
            let mark: HTML = item.0 == place ? #" aria-current="page""# : ""
            return #"<li><a href="\#(item.2)"\#(mark)>\#(item.1)</a></li>"#
        }
        return """
            <nav aria-label="Main"><ul>\(links)</ul></nav>
            <form class="out" method="post" action="/signout">\(visit.hidden)\
            <span class="who">\(visit.session?.email ?? "")</span> \
            <button class="quiet">Sign out</button></form>
            """
    }

    private static let visitorMenu: HTML = """
        <nav aria-label="Main"><ul><li><a href="/#plans">Plans</a></li><li><a href="/docs">Docs</a></li><li><a href="/signin">Sign in</a></li>\
        <li><a class="button small" href="/signup">Sign up</a></li></ul></nav>
        """

    private static func notice(_ notice: Page.Notice) -> HTML {
        switch notice {
        case .good(let text): #"<p class="notice good" role="status">\#(text)</p>"#
        case .bad(let text): #"<p class="notice bad" role="alert">\#(text)</p>"#
        }
    }

    private static let foot: HTML = """
        <footer class="foot"><div class="wide"><a href="/">Plans and prices</a> \
        <a href="/docs">API documentation</a> <span>Prices in Australian dollars, GST included</span>\
        </div></footer>
        """
}

extension Visit {
    /// The hidden field of every form.
    var hidden: HTML { #"<input type="hidden" name="\#(FormField.token)" value="\#(formToken)">"# }
}
