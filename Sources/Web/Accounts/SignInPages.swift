import Cloud
import HTTPTypes

/// Signing in and out.
struct SignInPages: Sendable {
    let accounts: Accounts
    let cookies: Cookies

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        switch visit.session?.stage {
        case .open: .seeOther(Self.next(visit.query))
        case .code: .seeOther("/signin/code")
        case nil: Self.form(visit, next: visit.query["next"], nil)
        }
    }

    @Sendable func signIn(_ visit: Visit) async throws -> Answer {
        do {
            let opened = try await accounts.signIn(
                email: visit.form["email"], password: Password(entered: visit.form.exactly("password")),
                insteadOf: visit.session?.id, from: visit.origin)
            let target =
                opened.stage == .open
                ? Self.next(visit.form) : Link("/signin/code").with([("next", visit.form["next"])])
            return .seeOther(target, [cookies.set(.session, opened.token)])
        } catch let refusal as Refusal where [.invalid, .rateLimited, .unavailable].contains(refusal.code) {
            return Self.form(visit, next: visit.form["next"], refusal)
        }
    }

    /// Only a path on this site: a link to the sign-in page must not lead anywhere else behind it.
    private static func next(_ form: Form) -> Link { Link(returning: form["next"]) ?? "/home" }

    private static let notices = [
        "reset": "Your new password is set. Sign in with it.",
        "email": "Your new address is set. Sign in with it.",
        "out": "You are signed out.",
        "closed": "Your account is closed.",
    ]

    private static func form(_ visit: Visit, next: String, _ refusal: Refusal?) -> Answer {
        let form: HTML = """
            \(next.isEmpty ? .empty : Field.hidden("next", next))
            \(Field.line(
                "E-mail address", "email", value: visit.form["email"], type: "email", complete: "username",
                focused: true))
            \(Field.line("Password", "password", type: "password", complete: "current-password"))
            <button class="button">Sign in</button> <a class="quiet" href="/forgotten">Forgotten password</a>
            """
        let wrong: HTML = refusal.map { #"<p class="notice bad" role="alert">\#($0.sentence).</p>"# } ?? .empty
        let body: HTML = """
            <div class="narrow card"><h1>Sign in</h1>\(wrong)\(visit.form("/signin", form))
            <p class="soft below">New here? <a href="/signup">Create an account</a></p></div>
            """
        let notice = notices[visit.query["done"]].map(Page.Notice.good)
        return visit.page(Page("Sign in", notice: notice, body), refused: refusal)
    }

    @Sendable func showCode(_ visit: Visit) async throws -> Answer {
        Self.codeForm(visit, next: visit.query["next"], nil)
    }

    @Sendable func enterCode(_ visit: Visit) async throws -> Answer {
        do {
            let opened = try await accounts.enterCode(
                visit.form["code"], in: visit.person(), from: visit.origin)
            return .seeOther(Self.next(visit.form), [cookies.set(.session, opened.token)])
        } catch let refusal as Refusal where [.invalid, .rateLimited].contains(refusal.code) {
            return Self.codeForm(visit, next: visit.form["next"], refusal)
        }
    }

    private static func codeForm(_ visit: Visit, next: String, _ refusal: Refusal?) -> Answer {
        let form: HTML = """
            \(next.isEmpty ? .empty : Field.hidden("next", next))
            \(Field.line(
                "Code", "code", hint: "Six digits from your authenticator, or one of your recovery codes",
                complete: "one-time-code", focused: true, refusal: refusal))
            <button class="button">Go on</button>
            """
        let body: HTML = """
            <div class="narrow card"><h1>Your second factor</h1>\(Field.summary(refusal, besides: ["code"]))
            \(visit.form("/signin/code", form))\(visit.button("Start again", "/signout", class: "quiet"))</div>
            """
        return visit.page(Page("Your second factor", body), refused: refusal)
    }

    @Sendable func signOut(_ visit: Visit) async throws -> Answer {
        if let session = visit.session { try await accounts.signOut(session, from: visit.origin) }
        return .seeOther("/signin?done=out", [cookies.clear(.session), cookies.clear(.visitor)])
    }
}
