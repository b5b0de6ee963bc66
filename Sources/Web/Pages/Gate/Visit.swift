import Cloud
import HTTPTypes
import HummingbirdCore

/// A request of a person with a browser, past the gate.
package struct Visit: Sendable {
    let exchange: Exchange
    /// Who is signed in; nil where nobody is, and on pages for everybody.
    let session: Session?
    /// What stands between forms and other sites' pages: see `FormToken`.
    let formToken: String
    /// What the browser sent; empty unless it posted.
    let form: Form
    /// What stood behind the question mark.
    let query: Form
    let site: Site

    var origin: Origin {
        Origin(
            address: exchange.client.text, browser: exchange.request.headers[.userAgent] ?? "",
            requestID: exchange.requestID)
    }

    /// Who asks for a change.
    /// - Throws: `Refusal.unauthenticated` on a page that anybody may see.
    func requester() throws(Refusal) -> Requester { try person().requester(from: origin) }

    /// Who is signed in.
    /// - Throws: `Refusal.unauthenticated` on a page that anybody may see.
    func person() throws(Refusal) -> Session {
        guard let session else { throw Refusal(.unauthenticated, "Sign in first") }
        return session
    }

    /// The path that was asked for, without its query.
    var path: String { String(RequestTarget(exchange.request.head.path ?? "/").path) }

    /// What stood behind the question mark, as it came.
    var rawQuery: String { exchange.rawQuery }

    /// Where this browser found us, such as `https://cloud.example.com`.
    var address: String { "\(site.isSecure ? "https" : "http")://\(exchange.authority)" }

    /// The same visit after the password was given again.
    func proved(_ session: Session) -> Visit {
        Visit(
            exchange: exchange, session: session, formToken: formToken, form: form, query: query, site: site)
    }
}

/// What all pages know of this installation.
struct Site: Sendable {
    /// Whether browsers speak TLS with us, so that cookies may be bound to it.
    let isSecure: Bool
    /// What the operator is called.
    let name: String
}

/// Who may open a page.
package enum PageAccess: Sendable {
    case anybody
    /// Whoever is signed in. Where an account is suspended, only what does not change it.
    case signedIn
    /// Whoever is signed in, suspended or not.
    case signedInAlways
    /// Whoever runs the installation; to everybody else there is no such page.
    case `operator`
    /// Whoever gave the password and still owes the code.
    case owingCode
}

extension Answer {
    /// To be looked at by GET.
    static func seeOther(_ link: Link, _ more: [HTTPField] = []) -> Answer {
        Answer(.seeOther, [], as: .page, headers: [HTTPField(name: .location, value: link.text)] + more)
    }
}
