/// What names end in that can be bought, and what they cost.
package struct TopLevelDomain: Hashable, Sendable {
    /// Without the leading dot, such as `com.au`.
    package let suffix: String
    /// Per year, as everything below.
    package let registration: Money
    package let renewal: Money
    package let transfer: Money
    package let years: ClosedRange<Int>
    /// Whether the registry sells only to holders it knows: a registrant must be set.
    package let needsRegistrant: Bool

    package init(
        _ suffix: String, registration: Money, renewal: Money, transfer: Money, years: ClosedRange<Int> = 1...10,
        needsRegistrant: Bool = false
    ) {
        self.suffix = suffix
        self.registration = registration
        self.renewal = renewal
        self.transfer = transfer
        self.years = years
        self.needsRegistrant = needsRegistrant
    }

    /// Those of an installation whose operator configured none.
    package static let builtIn: [TopLevelDomain] = [
        .flat("com", cents: 2195), .flat("net", cents: 2395), .flat("org", cents: 2195),
        .flat("io", cents: 7995), .flat("dev", cents: 2595),
        .australian("com.au"), .australian("net.au"), .australian("au"),
    ]

    /// One that is told by its prices: below `.au` holders must be known, and terms are short.
    package static func priced(
        _ suffix: String, registration: Money, renewal: Money, transfer: Money
    ) -> TopLevelDomain {
        let isAustralian = suffix == "au" || suffix.hasSuffix(".au")
        return TopLevelDomain(
            suffix, registration: registration, renewal: renewal, transfer: transfer,
            years: isAustralian ? 1...5 : 1...10, needsRegistrant: isAustralian)
    }

    private static func flat(_ suffix: String, cents: Int64) -> TopLevelDomain {
        let price = Money(cents: cents)
        return TopLevelDomain(suffix, registration: price, renewal: price, transfer: price)
    }

    /// A transfer below `.au` renews nothing, and the registry asks nothing for it.
    private static func australian(_ suffix: String) -> TopLevelDomain {
        let price = Money(cents: 1995)
        return priced(suffix, registration: price, renewal: price, transfer: .zero)
    }
}

extension TopLevelDomain {
    /// - Throws: `Refusal.invalid` with the field `years`.
    func years(_ wanted: Int?) throws -> Int {
        let chosen = wanted ?? 1
        guard years.contains(chosen) else {
            let rule = "must be \(years.lowerBound) to \(years.upperBound) for names ending in .\(suffix)"
            throw Refusal(.invalid, "The name cannot be had for so long: years \(rule)", fields: ["years": rule])
        }
        return chosen
    }

    /// What an order costs.
    func price(of kind: DomainOrderKind, years: Int) -> Money {
        switch kind {
        case .register: Money(cents: registration.cents * Int64(years))
        case .renew: Money(cents: renewal.cents * Int64(years))
        case .transfer: transfer
        }
    }
}
