import Cloud
import HTTPTypes
import Kernel

/// Setting up the code that signing in takes.
struct TwoFactorPages: Sendable {
    let accounts: Accounts

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    @Sendable func begin(_ visit: Visit) async throws -> Answer {
        _ = try await accounts.beginTwoFactor(by: visit.requester())
        return .seeOther("/account/two-factor")
    }

    @Sendable func enable(_ visit: Visit) async throws -> Answer {
        do {
            return shown(try await accounts.enableTwoFactor(visit.form["code"], by: visit.requester()), visit)
        } catch let refusal as Refusal where [.invalid, .rateLimited].contains(refusal.code) {
            return try await page(visit, refusal)
        }
    }

    @Sendable func renewCodes(_ visit: Visit) async throws -> Answer {
        shown(try await accounts.renewRecoveryCodes(by: visit.requester()), visit)
    }

    @Sendable func disable(_ visit: Visit) async throws -> Answer {
        try await accounts.disableTwoFactor(by: visit.requester())
        return .seeOther("/account?done=off")
    }

    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let account = try visit.person().account
        let content: HTML
        if try await accounts.twoFactor(of: account).isOn {
            content = """
                <p>Signing in takes a code of your authenticator application, or a recovery code.</p><div class="row">
                \(visit.button("Make new recovery codes", "/account/two-factor/codes"))
                \(visit.button("Turn it off", "/account/two-factor/off", class: "danger"))</div>
                """
        } else if let totp = try await accounts.pendingTwoFactor(of: account) {
            content = setUp(totp, visit, refusal)
        } else {
            content = """
                <p>With it, whoever learns your password still cannot sign in. You need an authenticator application, \
                on \
                a telephone or in a password manager.</p>
                \(visit.form("/account/two-factor/begin", "<button class=\"button\">Begin</button>"))
                """
        }
        let body: HTML = """
            <div class="narrow card"><h1>Second factor</h1>\(Field.summary(refusal, besides: ["code"]))\(content)
            <p><a href="/account">Account</a></p></div>
            """
        return visit.page(Page("Second factor", at: .account, body), refused: refusal)
    }

    private func setUp(_ totp: TOTP, _ visit: Visit, _ refusal: Refusal?) -> HTML {
        let form = visit.form(
            "/account/two-factor",
            """
            \(Field.line(
                "Its code", "code", hint: "The six digits it shows now", complete: "one-time-code", refusal: refusal))\
            <button class="button">Turn it on</button>
            """)
        return """
            <p>Type this secret into the application; it is by time, with six digits.</p>
            <div class="line"><code data-copy="the secret">\(totp.base32)</code></div>\(form)
            \(visit.button("Another secret", "/account/two-factor/begin", class: "quiet"))
            """
    }

    private func shown(_ codes: [RecoveryCode], _ visit: Visit) -> Answer {
        let list = codes.map { "<li>\($0.text.exposed)</li>" as HTML }
        let body: HTML = """
            <div class="narrow card"><h1>Keep these codes</h1>
            <p><b>They are not shown again.</b> Each lets you in once when you have lost the application.</p>
            <ul class="codes">\(list)</ul><p><a class="button" href="/account">I have them</a></p></div>
            """
        return visit.page(Page("Recovery codes", at: .account, body))
    }
}
