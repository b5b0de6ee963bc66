import Cloud
import HTTPTypes

extension Router {
    /// The pages for people, beside the API. A form's route has the access of the page it stands on.
    package static func pages(of cloud: Cloud, secure isSecure: Bool) -> [Route] {
        let cookies = Cookies(isSecure: isSecure)
        return visitorPages(of: cloud, cookies) + serverPages(of: cloud) + domainPages(of: cloud)
            + billingPages(of: cloud) + accountPages(of: cloud, cookies) + auditPages(of: cloud)
            + documentationPages(of: cloud) + operatorPages(of: cloud) + Assets.routes
    }

    private static func visitorPages(of cloud: Cloud, _ cookies: Cookies) -> [Route] {
        let landing = LandingPages(offers: cloud.offers)
        let signUp = SignUpPages(accounts: cloud.accounts, cookies: cookies)
        let signIn = SignInPages(accounts: cloud.accounts, cookies: cookies)
        let forgotten = ForgottenPages(accounts: cloud.accounts, cookies: cookies)
        return [
            .page(.get, "/", .anybody, .unlimited, landing.show),
            .page(.get, "/signup", .anybody, .unlimited, signUp.show),
            .page(.post, "/signup", .anybody, .signIn, signUp.signUp),
            .page(.get, "/signup/sent", .anybody, .unlimited, signUp.sent),
            .page(.get, "/confirm", .anybody, .unlimited, signUp.showConfirm),
            .page(.post, "/confirm", .anybody, .signIn, signUp.confirm),
            .page(.get, "/signin", .anybody, .unlimited, signIn.show),
            .page(.post, "/signin", .anybody, .signIn, signIn.signIn),
            .page(.get, "/signin/code", .owingCode, .unlimited, signIn.showCode),
            .page(.post, "/signin/code", .owingCode, .signIn, signIn.enterCode),
            .page(.post, "/signout", .anybody, .unlimited, signIn.signOut),
            .page(.get, "/forgotten", .anybody, .unlimited, forgotten.show),
            .page(.post, "/forgotten", .anybody, .signIn, forgotten.ask),
            .page(.get, "/forgotten/sent", .anybody, .unlimited, forgotten.sent),
            .page(.get, "/reset", .anybody, .unlimited, forgotten.showReset),
            .page(.post, "/reset", .anybody, .signIn, forgotten.reset),
            .page(.get, "/email", .anybody, .unlimited, forgotten.showEmail),
            .page(.post, "/email", .anybody, .signIn, forgotten.takeEmail),
        ]
    }

    private static func serverPages(of cloud: Cloud) -> [Route] {
        let home = HomePages(cloud: cloud)
        let list = ServerPages(servers: cloud.servers, time: cloud.clock)
        let deploy = DeployPages(cloud: cloud)
        let server = OneServerPages(
            servers: cloud.servers, domains: cloud.domains, repeats: cloud.repeats, catalogue: cloud.offers.catalogue,
            time: cloud.clock)
        let console = ConsolePages(servers: cloud.servers)
        let sshKeys = SSHKeyPages(sshKeys: cloud.sshKeys, repeats: cloud.repeats)
        return [
            .page(.get, "/home", .signedIn, .unlimited, home.show),
            .page(.get, "/servers", .signedIn, .unlimited, list.list),
            .page(.get, "/servers/new", .signedIn, .unlimited, deploy.show),
            .page(.post, "/servers/new", .signedIn, .unlimited, deploy.deploy),
            .page(.get, "/servers/events", .signedIn, .unlimited, list.events),
            .page(.get, "/servers/{id}/console", .signedIn, .unlimited, console.show),
            .page(.get, "/servers/{id}", .signedIn, .unlimited, server.show),
            .page(.post, "/servers/{id}/actions", .signedIn, .unlimited, server.act),
            .page(.post, "/servers/{id}/destroy", .signedIn, .unlimited, server.destroy),
            .page(.get, "/ssh-keys", .signedIn, .unlimited, sshKeys.list),
            .page(.post, "/ssh-keys", .signedIn, .unlimited, sshKeys.add),
            .page(.post, "/ssh-keys/{id}/remove", .signedIn, .unlimited, sshKeys.remove),
        ]
    }

    private static func accountPages(of cloud: Cloud, _ cookies: Cookies) -> [Route] {
        let keys = KeyPages(
            accounts: cloud.accounts, repeats: cloud.repeats, calendar: cloud.billing.terms.calendar, time: cloud.clock)
        let account = AccountPages(accounts: cloud.accounts, cookies: cookies, time: cloud.clock)
        let factor = TwoFactorPages(accounts: cloud.accounts)
        let payment = PaymentPages(cloud: cloud)
        return [
            .page(.get, "/keys", .signedIn, .unlimited, keys.list),
            .page(.post, "/keys", .signedIn, .unlimited, keys.create),
            .page(.post, "/keys/{id}/revoke", .signedInAlways, .unlimited, keys.revoke),
            .page(.get, "/payment", .signedIn, .unlimited, payment.show),
            .page(.post, "/payment", .signedIn, .unlimited, payment.set),
            .page(.post, "/payment/card", .signedIn, .unlimited, payment.beginCard),
            .page(.get, "/account", .signedIn, .unlimited, account.show),
            .page(.post, "/account/password", .signedInAlways, .unlimited, account.changePassword),
            .page(.post, "/account/email", .signedIn, .unlimited, account.changeEmail),
            .page(.post, "/account/sessions/{id}/end", .signedInAlways, .unlimited, account.endSession),
            .page(.post, "/account/sessions/end-others", .signedInAlways, .unlimited, account.endOthers),
            .page(.post, "/account/close", .signedIn, .unlimited, account.close),
            .page(.get, "/account/two-factor", .signedIn, .unlimited, factor.show),
            .page(.post, "/account/two-factor", .signedInAlways, .unlimited, factor.enable),
            .page(.post, "/account/two-factor/begin", .signedInAlways, .unlimited, factor.begin),
            .page(.post, "/account/two-factor/codes", .signedInAlways, .unlimited, factor.renewCodes),
            .page(.post, "/account/two-factor/off", .signedInAlways, .unlimited, factor.disable),
        ]
    }
}
