import Cloud
import HTTPTypes

/// Making an account.
struct SignUpPages: Sendable {
    let accounts: Accounts
    let cookies: Cookies

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        if visit.session?.stage == .open { return .seeOther("/home") }
        return Self.form(visit, nil)
    }

    @Sendable func signUp(_ visit: Visit) async throws -> Answer {
        do {
            try await accounts.signUp(
                email: visit.form["email"], password: Password(chosen: visit.form.exactly("password")),
                from: visit.origin)
        } catch let refusal as Refusal where refusal.code == .invalid {
            return Self.form(visit, refusal)
        }
        return .seeOther("/signup/sent")
    }

    @Sendable func sent(_ visit: Visit) async throws -> Answer {
        visit.page(
            Page(
                "Look into your mailbox",
                """
                <div class="narrow card"><h1>Look into your mailbox</h1>
                <p>We wrote to the address you gave. Follow the link in our letter, and you are in.</p>
                <p class="soft">Nothing there? Look among the junk, or <a href="/signup">send the form again</a>. \
                The link works for a day.</p></div>
                """))
    }

    private static func form(_ visit: Visit, _ refusal: Refusal?) -> Answer {
        let form: HTML = """
            \(Field.line(
                "E-mail address", "email", value: visit.form["email"], type: "email", complete: "username",
                focused: true, refusal: refusal))
            \(Field.line(
                "Password", "password", hint: "8 characters or more; a few random words are good", type: "password",
                complete: "new-password", refusal: refusal))
            <button class="button">Create an account</button>
            """
        let body: HTML = """
            <div class="narrow card"><h1>Create an account</h1>
            <p class="soft">It costs nothing until a server runs.</p>
            \(Field.summary(refusal, besides: ["email", "password"]))\(visit.form("/signup", form))
            <p class="soft">You have one already? <a href="/signin">Sign in</a></p></div>
            """
        return visit.page(Page("Create an account", body), refused: refusal)
    }

    @Sendable func showConfirm(_ visit: Visit) async throws -> Answer {
        Self.confirmForm(visit, token: visit.query["token"], nil)
    }

    @Sendable func confirm(_ visit: Visit) async throws -> Answer {
        let token = visit.form["token"]
        do {
            let opened = try await accounts.confirm(
                token, password: Password(entered: visit.form.exactly("password")), insteadOf: visit.session?.id,
                from: visit.origin)
            return .seeOther("/home?done=confirmed", [cookies.set(.session, opened.token)])
        } catch let refusal as Refusal where [.invalid, .rateLimited].contains(refusal.code) {
            return Self.confirmForm(visit, token: token, refusal)
        }
    }

    private static func confirmForm(_ visit: Visit, token: String, _ refusal: Refusal?) -> Answer {
        let form: HTML = """
            \(TokenField.html(token, refusal))
            \(Field.line(
                "The password you chose", "password", type: "password", complete: "current-password",
                focused: !token.isEmpty, refusal: refusal))
            <button class="button">Confirm and sign in</button>
            """
        let body: HTML = """
            <div class="narrow card"><h1>Confirm your e-mail address</h1>
            \(Field.summary(refusal, besides: ["token", "password"]))\(visit.form("/confirm", form))
            <p class="soft">Forgotten it already? <a href="/forgotten">Set a new one</a>, which confirms the address \
            as well.</p></div>
            """
        return visit.page(Page("Confirm your e-mail address", body), refused: refusal)
    }
}

/// What a letter brought: hidden where its link did, to be pasted where it had none.
enum TokenField {
    static func html(_ token: String, _ refusal: Refusal?) -> HTML {
        let isWrong = refusal?.fields["token"] != nil
        guard token.isEmpty || isWrong else { return Field.hidden("token", token) }
        return Field.line(
            "What our letter says", "token", value: token,
            hint: "64 letters and digits; the link in the letter has them",
            focused: true, refusal: refusal)
    }
}
