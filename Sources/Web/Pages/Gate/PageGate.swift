import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel

/// What stands before every page: who it is, whether a form is ours, and the password again where an act asks for it.
struct PageGate: Sendable {
    let accounts: Accounts
    let cookies: Cookies
    let site: Site
    let randomness: any Randomness

    typealias Handler = @Sendable (Visit) async throws -> Answer

    /// - Parameter account: set to who is signed in, for the log.
    /// - Throws: `Refusal`; what the handler throws.
    func answer(
        _ exchange: Exchange, _ access: PageAccess, _ handler: Handler, _ account: inout AccountID?
    ) async throws -> Answer {
        let headers = exchange.request.headers
        let visitor = cookies.token(.visitor, in: headers)
        var form = Form()
        let isPost = exchange.request.method == .post
        if isPost {
            form = try await FormCheck(headers: headers, authority: exchange.authority).read(exchange, visitor)
        }
        let session = try await session(in: headers)
        account = session?.account
        let secret = visitor ?? AccessToken.mint(from: randomness)
        let visit = Visit(
            exchange: exchange, session: session, formToken: FormToken.of(secret), form: form,
            query: Form(RequestTarget.query(of: exchange.request.head.path ?? "") ?? ""), site: site)
        var answer = try await enter(visit, access, handler)
        if visitor == nil { answer.headers.append(cookies.set(.visitor, secret)) }
        return answer
    }

    private func session(in headers: HTTPFields) async throws -> Session? {
        guard let token = cookies.token(.session, in: headers) else { return nil }
        return try await accounts.session(token.text.exposed)
    }

    private func enter(_ visit: Visit, _ access: PageAccess, _ handler: Handler) async throws -> Answer {
        let stage = visit.session?.stage
        switch access {
        case .anybody: return try await handler(visit)
        case .owingCode:
            guard stage == .code else { return .seeOther(stage == .open ? "/home" : "/signin") }
            return try await handler(visit)
        case .signedIn, .signedInAlways, .operator:
            guard stage == .open else { return stage == .code ? .seeOther("/signin/code") : Self.signIn(before: visit) }
            if access == .operator, visit.session?.isOperator != true {
                throw Refusal(.notFound, "There is nothing at this path")
            }
            let isChange = visit.exchange.request.method == .post
            if access == .signedIn, isChange, visit.session?.suspended == true { throw AccountStanding.suspension }
            return try await prove(visit, handler)
        }
    }

    /// Where somebody goes who has to sign in first. What they had filled in stands in the form again afterwards,
    /// but for secrets.
    private static func signIn(before visit: Visit) -> Answer {
        let isPost = visit.exchange.request.method == .post
        let target = Link(returning: visit.path)?.with(isPost ? visit.form.harmless : visit.query.harmless)
        return .seeOther(Link("/signin").with([("next", target?.text ?? "/home")]))
    }

    /// Takes the password again where the form bears it, and asks for it where the act does.
    private func prove(_ visit: Visit, _ handler: Handler) async throws -> Answer {
        var visit = visit
        var cookie: [HTTPField] = []
        if visit.form.isChecked(FormField.password) {
            do {
                let opened = try await accounts.prove(
                    Password(entered: visit.form.exactly(FormField.password)), in: visit.person(), from: visit.origin)
                cookie = [cookies.set(.session, opened.token)]
                guard let session = try await accounts.session(opened.token.text.exposed) else {
                    throw Refusal(.unauthenticated, "Sign in first")
                }
                visit = visit.proved(session)
            } catch let refusal as Refusal where [.invalid, .rateLimited].contains(refusal.code) {
                return PasswordPage.answer(visit, refusal: refusal)
            }
        }
        do {
            var answer = try await handler(visit)
            // A handler that opens another session has its own.
            let hasOwn = answer.headers.contains { $0.name == .setCookie }
            if !hasOwn { answer.headers += cookie }
            return answer
        } catch is PasswordNeeded {
            return PasswordPage.answer(visit, refusal: nil)
        }
    }
}

/// Tells a form of ours from one that another site sends in somebody's name.
struct FormCheck {
    let headers: HTTPFields
    let authority: String

    private static let stale = Refusal(
        .scope, "This form is too old, or it did not come from this site: go back, load the page again and send it anew"
    )
    private static let foreign = Refusal(.scope, "This form was sent from another site, so nothing was done")

    /// - Throws: `Refusal.scope` for a form from elsewhere; `Refusal.tooLarge`.
    func read(_ exchange: Exchange, _ visitor: AccessToken?) async throws -> Form {
        guard isFromHere, isForm else { throw Self.foreign }
        let body = String(decoding: try await exchange.bytes(), as: UTF8.self)
        let form = Form(body[...])
        guard let visitor, FormToken.matches(form.exactly(FormField.token), visitor) else { throw Self.stale }
        return form
    }

    /// Browsers say where a form comes from: by `Origin` since long, by `Sec-Fetch-Site` since 2020-2023. One of them
    /// has to be there, and none may speak against us.
    private var isFromHere: Bool {
        let sites = headers[values: .secFetchSite]
        let origins = headers[values: .origin]
        guard sites.count <= 1, origins.count <= 1, !(sites.isEmpty && origins.isEmpty) else { return false }
        guard sites.isEmpty || sites[0] == "same-origin" else { return false }
        guard let origin = origins.first else { return true }
        return origin == "https://\(authority)" || origin == "http://\(authority)"
    }

    /// Of the three types that a form of another site can have, ours has this one alone.
    private var isForm: Bool {
        let type = (headers[.contentType] ?? "").split(separator: ";").first.map { AcceptHeader.trimmed($0) } ?? ""
        return type.lowercased() == "application/x-www-form-urlencoded"
    }
}

extension Exchange {
    /// The host and port that the browser believes it speaks with.
    var authority: String { request.head.authority ?? "" }
}
