/// How often what may be asked; an operator's configuration.
package struct RateLimits: Hashable, Sendable {
    /// Whether anything is refused. Without it the headers stay and nothing is: for load tests.
    package var enforced: Bool
    /// Every request with a key, per key.
    package var general: GCRA
    /// `POST /v1/servers`, per key, on top of `general`.
    package var deploys: GCRA
    /// `POST /v1/domains/check`, per key, on top of `general`.
    package var domainChecks: GCRA
    /// The lists that need no key, per address.
    package var publicLists: GCRA
    /// Requests without a valid key, per address.
    package var failedAttempts: GCRA
    /// Forms that show a password or ask for a letter, per address.
    package var signIns: GCRA

    package init(
        enforced: Bool = true,
        general: GCRA = GCRA(perHour: 5000, burst: 100),
        deploys: GCRA = GCRA(perHour: 120, burst: 60),
        domainChecks: GCRA = GCRA(perHour: 240, burst: 60),
        publicLists: GCRA = GCRA(perHour: 1200, burst: 100),
        failedAttempts: GCRA = GCRA(perHour: 240, burst: 60),
        signIns: GCRA = GCRA(perHour: 80, burst: 20)
    ) {
        self.enforced = enforced
        self.general = general
        self.deploys = deploys
        self.domainChecks = domainChecks
        self.publicLists = publicLists
        self.failedAttempts = failedAttempts
        self.signIns = signIns
    }

    /// The general policy of an account that has a rate of its own: the burst grows and shrinks with it.
    func general(perHour rate: Int?) -> GCRA {
        guard let rate, rate != general.perHour else { return general }
        let scaled = (Double(general.burst) * Double(rate) / Double(general.perHour)).rounded()
        return GCRA(perHour: rate, burst: Int(min(scaled, 1_000_000)))
    }
}

/// Which policies a route is under.
package enum RateClass: Sendable {
    case unlimited
    case publicList
    case general
    case deploy
    case domainCheck
    case signIn
}
