import Kernel

/// Whether a name can be had, and for how much.
package struct DomainQuote: Hashable, Sendable {
    package let name: DomainName
    package let isAvailable: Bool
    /// For the first year; nil when it is taken.
    package let price: Money?
    /// For each year after; nil when it is taken.
    package let renewal: Money?
}

extension Domains {
    /// Whether a name can be registered now. Nothing is reserved. A name that the account has deleted is to be had
    /// for nothing.
    /// - Throws: `Refusal.invalid` with the field `domain`; `Refusal.unavailable`.
    package func check(_ typed: String, by account: AccountID) async throws -> DomainQuote {
        let service = try requireService()
        let (name, offer) = try judged(typed, service)
        if let held = try await overlap(with: name) {
            let isOurs = held.account == account && held.name == name && held.state == .deleted
            return DomainQuote(
                name: name, isAvailable: isOurs, price: isOurs ? .zero : nil, renewal: isOurs ? offer.renewal : nil)
        }
        let isFree = try await availability(of: name, at: service) == .available
        return DomainQuote(
            name: name, isAvailable: isFree, price: isFree ? offer.registration : nil,
            renewal: isFree ? offer.renewal : nil)
    }

    /// - Throws: `Refusal.invalid` with the field `domain`.
    func judged(_ typed: String, _ service: NameService) throws -> (DomainName, TopLevelDomain) {
        let name = try service.names.registrable(typed)
        guard let offer = service.offer(for: name) else {
            let rule = "must end in one of " + service.offers.map { "." + $0.suffix }.joined(separator: ", ")
            throw Refusal(.invalid, "This domain cannot be registered here: it \(rule)", fields: ["domain": rule])
        }
        return (name, offer)
    }

    /// What the registry says.
    /// - Throws: `Refusal.unavailable` when it does not say anything within ten seconds.
    func availability(of name: DomainName, at service: NameService) async throws -> NameAvailability {
        do {
            return try await TimeLimit.within(.seconds(10), by: time) {
                try await service.registrar.availability(of: name)
            }
        } catch is RegistrarError {
            throw Self.registrySilent
        } catch is TimeLimit.Passed {
            throw Self.registrySilent
        }
    }

    static let registrySilent = Refusal(
        .unavailable, "The registry does not answer now; try again in a moment", retryAfter: .seconds(5))

    /// Who holds this name, one above it, or one below; nil when nobody does.
    func overlap(with name: DomainName) async throws -> Domain? {
        let rows = try await database.read(
            "SELECT \(Domain.columns) FROM domains WHERE \(Self.overlapping(name)) ORDER BY created_at, id LIMIT 1")
        return try rows.first.map(Domain.init)
    }

    /// The condition of rows that keep anybody else from having the name. Names below it can only be held where an
    /// operator began to sell another ending since.
    static func overlapping(_ name: DomainName) -> SQL {
        let labels = name.text.split(separator: ".")
        let above = labels.indices.map { labels[$0...].joined(separator: ".") }
        return """
            state IN ('pending', 'active', 'deleted')
                AND (name IN (\(list: above)) OR name LIKE \("%.\(name.text)"))
            """
    }
}
