import Cloud
import HTTPTypes

/// What letters lead to: a new password, a new address.
struct ForgottenPages: Sendable {
    let accounts: Accounts
    let cookies: Cookies

    @Sendable func show(_ visit: Visit) async throws -> Answer { Self.form(visit, nil) }

    @Sendable func ask(_ visit: Visit) async throws -> Answer {
        do {
            try await accounts.forgotPassword(email: visit.form["email"], from: visit.origin)
        } catch let refusal as Refusal where [.invalid, .rateLimited].contains(refusal.code) {
            return Self.form(visit, refusal)
        }
        return .seeOther("/forgotten/sent")
    }

    private static func form(_ visit: Visit, _ refusal: Refusal?) -> Answer {
        let form: HTML = """
            \(Field.line(
                "E-mail address", "email", value: visit.form["email"], type: "email", complete: "username",
                focused: true, refusal: refusal))
            <button class="button">Send me a letter</button>
            """
        let body: HTML = """
            <div class="narrow card"><h1>Forgotten password</h1>
            <p class="soft">We send a letter with a link by which you set a new one.</p>
            \(Field.summary(refusal, besides: ["email"]))\(visit.form("/forgotten", form))</div>
            """
        return visit.page(Page("Forgotten password", body), refused: refusal)
    }

    @Sendable func sent(_ visit: Visit) async throws -> Answer {
        visit.page(
            Page(
                "Look into your mailbox",
                """
                <div class="narrow card"><h1>Look into your mailbox</h1>
                <p>If this address has an account, our letter is on its way. Its link works for an hour.</p>
                <p class="soft">Nothing there? Look among the junk, or <a href="/forgotten">ask again</a>.</p></div>
                """))
    }

    @Sendable func showReset(_ visit: Visit) async throws -> Answer {
        Self.resetForm(visit, token: visit.query["token"], nil)
    }

    @Sendable func reset(_ visit: Visit) async throws -> Answer {
        let token = visit.form["token"]
        do {
            try await accounts.resetPassword(
                token, to: Password(chosen: visit.form.exactly("password")), from: visit.origin)
        } catch let refusal as Refusal where refusal.code == .invalid {
            return Self.resetForm(visit, token: token, refusal)
        }
        return .seeOther("/signin?done=reset", [cookies.clear(.session)])
    }

    private static func resetForm(_ visit: Visit, token: String, _ refusal: Refusal?) -> Answer {
        let form: HTML = """
            \(TokenField.html(token, refusal))
            \(Field.line(
                "New password", "password", hint: "8 characters or more; a few random words are good", type: "password",
                complete: "new-password", focused: !token.isEmpty, refusal: refusal))
            <button class="button">Set the password</button>
            """
        let body: HTML = """
            <div class="narrow card"><h1>Set a new password</h1>
            <p class="soft">Every browser that is signed in will have to sign in again.</p>
            \(Field.summary(refusal, besides: ["token", "password"]))\(visit.form("/reset", form))</div>
            """
        return visit.page(Page("Set a new password", body), refused: refusal)
    }

    @Sendable func showEmail(_ visit: Visit) async throws -> Answer {
        Self.emailForm(visit, token: visit.query["token"], nil)
    }

    @Sendable func takeEmail(_ visit: Visit) async throws -> Answer {
        let token = visit.form["token"]
        do {
            try await accounts.takeEmail(token, from: visit.origin)
        } catch let refusal as Refusal where refusal.code == .invalid {
            return Self.emailForm(visit, token: token, refusal)
        }
        return .seeOther("/signin?done=email", [cookies.clear(.session)])
    }

    private static func emailForm(_ visit: Visit, token: String, _ refusal: Refusal?) -> Answer {
        let body: HTML = """
            <div class="narrow card"><h1>Confirm your new address</h1>
            <p class="soft">From then on you sign in with it, and letters go there.</p>
            \(visit.form("/email", "\(TokenField.html(token, refusal))<button class=\"button\">Confirm</button>"))</div>
            """
        return visit.page(Page("Confirm your new address", body), refused: refusal)
    }
}
