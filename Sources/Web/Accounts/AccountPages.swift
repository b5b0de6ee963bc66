import Cloud
import HTTPTypes
import Kernel

/// Somebody's own account: address, password, sessions, and its end.
struct AccountPages: Sendable {
    let accounts: Accounts
    let cookies: Cookies
    let time: any Timekeeper

    private static let notices = [
        "ended": "The session is ended.", "others": "Every other session is ended.",
        "email": "We wrote to the new address. It counts once you follow the link in that letter.",
        "off": "The second factor is off.",
    ]

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    @Sendable func changeEmail(_ visit: Visit) async throws -> Answer {
        do {
            try await accounts.changeEmail(to: visit.form["email"], by: visit.requester())
        } catch let refusal as Refusal where refusal.code == .invalid {
            return try await page(visit, refusal)
        }
        return .seeOther("/account?done=email")
    }

    @Sendable func changePassword(_ visit: Visit) async throws -> Answer {
        do {
            let new: Password
            do {
                new = try Password(chosen: visit.form.exactly("new_password"))
            } catch let refusal as Refusal {
                throw Refusal(refusal.code, refusal.sentence, fields: ["new_password": refusal.sentence])
            }
            let opened = try await accounts.changePassword(
                from: Password(entered: visit.form.exactly("password")), to: new, in: visit.person(),
                from: visit.origin)
            return .seeOther("/home?done=password", [cookies.set(.session, opened.token)])
        } catch let refusal as Refusal where [.invalid, .rateLimited, .conflict].contains(refusal.code) {
            return try await page(visit, refusal)
        }
    }

    @Sendable func endSession(_ visit: Visit) async throws -> Answer {
        try await accounts.endSession(visit.exchange.id, by: visit.requester())
        return .seeOther("/account?done=ended")
    }

    @Sendable func endOthers(_ visit: Visit) async throws -> Answer {
        try await accounts.endOtherSessions(by: visit.requester())
        return .seeOther("/account?done=others")
    }

    @Sendable func close(_ visit: Visit) async throws -> Answer {
        do {
            guard visit.form["closing"] == (try visit.person().email) else {
                throw Refusal(
                    .invalid, "The account was not closed", fields: ["closing": "is not the address of this account"])
            }
            try await accounts.close(by: visit.requester())
        } catch let refusal as Refusal where [.invalid, .invalidState].contains(refusal.code) {
            return try await page(visit, refusal)
        }
        return .seeOther("/signin?done=closed", [cookies.clear(.session)])
    }

    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let person = try visit.person()
        let factor = try await accounts.twoFactor(of: person.account)
        let sessions = try await accounts.sessions(of: person.account)
        let body: HTML = """
            <div class="head"><div><h1>Account</h1>\
            <p class="soft">\(person.email) · <code>\(person.account.text)</code>\
            </p></div><a class="button plain" href="/audit">Audit log</a></div>
            \(Field.summary(refusal, besides: ["email", "password", "new_password", "closing"]))
            <div class="grid"><section class="card"><h2>Password</h2>\(passwordForm(visit, refusal))</section>
            <div>\(twoFactor(factor))<section class="card"><h2>E-mail address</h2>\
            \(emailForm(visit, refusal))</section>\
            </div></div>
            \(list(sessions, visit))\(closing(visit, refusal))
            """
        let notice = Self.notices[visit.query["done"]].map(Page.Notice.good)
        return visit.page(Page("Account", at: .account, notice: notice, body), refused: refusal)
    }

    private func passwordForm(_ visit: Visit, _ refusal: Refusal?) -> HTML {
        visit.form(
            "/account/password",
            """
            \(Field.line(
                "The present one", "password", type: "password", complete: "current-password", refusal: refusal))
            \(Field.line(
                "The new one", "new_password", hint: "8 characters or more", type: "password",
                complete: "new-password", refusal: refusal))
            <button>Change the password</button>
            """)
    }

    private func emailForm(_ visit: Visit, _ refusal: Refusal?) -> HTML {
        visit.form(
            "/account/email",
            """
            \(Field.line(
                "New address", "email", value: visit.form["email"], hint: "It counts once you follow our letter there",
                type: "email", complete: "email", refusal: refusal))<button>Change the address</button>
            """)
    }

    private func twoFactor(_ standing: TwoFactorStanding) -> HTML {
        let words: HTML =
            standing.isOn
            ? "<p>On: signing in takes a code. \(standing.codesLeft) recovery codes are left.</p>"
            : "<p>Off: your password alone lets you in.</p>"
        return """
            <section class="card"><h2>Second factor</h2>\(words)<p><a href="/account/two-factor">\
            \(standing.isOn ? "Change it" : "Turn it on")</a></p></section>
            """
    }

    private func list(_ sessions: [SessionSummary], _ visit: Visit) -> HTML {
        let now = time.now
        let rows = sessions.map { session -> HTML in
            let isThis = session.id == visit.session?.id
            let end: HTML =
                isThis
                ? #"<span class="tag">This one</span>"#
                : visit.button("End", Link("/account/sessions/\(session.id)/end"), class: "small")
            return """
                <tr><td data-label="Browser">\(session.browser.isEmpty ? "Unknown" : session.browser)</td>\
                <td data-label="Address" class="mono">\(session.address)</td>\
                <td data-label="Last seen">\(StateWords.age(session.seenAt, at: now)) ago</td>\
                <td class="number" data-label="">\(end)</td></tr>
                """
        }
        return """
            <section class="card"><div class="head"><h2>Where you are signed in</h2>\
            \(sessions.count > 1 ? visit.button("End all others", "/account/sessions/end-others") : .empty)</div>
            <table><thead><tr><th>Browser</th><th>Address</th><th>Last seen</th><th></th></tr></thead>\
            <tbody>\(rows)</tbody></table></section>
            """
    }

    private func closing(_ visit: Visit, _ refusal: Refusal?) -> HTML {
        let form = visit.form(
            "/account/close",
            """
            \(Field.line("Type your e-mail address to close the account", "closing", refusal: refusal))\
            <button class="danger">Close the account</button>
            """)
        return """
            <section class="card"><details\(flag: "open", if: refusal?.fields["closing"] != nil)><summary>Close this \
            account</summary><p>Its keys stop working and nobody can sign in any more. Destroy its servers first. What \
            was used until then is invoiced.</p>\(form)</details></section>
            """
    }
}
