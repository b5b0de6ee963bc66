import Cloud
import Wire

struct RegistrantRoutes: Sendable {
    let domains: Domains

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let registrant = try await domains.registrant(of: caller.account)
        return .ok(Wire.OptionalAnswer(registrant.map(Wire.Registrant.init)))
    }

    func set(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let body = try Wire.Registrant(reading: RequestFields(parsing: try await exchange.bytes()))
        let registrant = try Registrant(body)
        try await domains.setRegistrant(registrant, by: exchange.requester(caller))
        return .ok(Wire.DataAnswer(Wire.Registrant(registrant)))
    }
}

extension Registrant {
    /// - Throws: `Refusal.invalid` with the fields at fault.
    init(_ body: Wire.Registrant) throws {
        let kind = Identity.Kind(rawValue: body.idType)
        let eligibility = Eligibility(rawValue: body.eligibilityType)
        guard let kind, let eligibility else {
            func rule(_ words: [String]) -> String { "must be one of " + words.joined(separator: ", ") }
            var fields: [String: String] = [:]
            if kind == nil { fields["id_type"] = rule(Identity.Kind.allCases.map(\.rawValue)) }
            if eligibility == nil { fields["eligibility_type"] = rule(Eligibility.allCases.map(\.rawValue)) }
            throw Refusal(.invalid, "The registrant cannot be used: see the fields", fields: fields)
        }
        let contact = body.contact
        try self.init(
            legalName: body.legalName, identity: Identity(kind, body.idNumber), eligibility: eligibility,
            contact: Contact(
                name: contact.name, email: contact.email, phone: contact.phone, street: contact.street,
                city: contact.city, state: contact.state, postcode: contact.postcode, country: contact.country))
    }
}

extension Wire.Registrant {
    init(_ registrant: Registrant) {
        let contact = registrant.contact
        self.init(
            legalName: registrant.legalName, idType: registrant.identity.kind.rawValue,
            idNumber: registrant.identity.number, eligibilityType: registrant.eligibility.rawValue,
            contact: Contact(
                name: contact.name, email: contact.email, phone: contact.phone, street: contact.street,
                city: contact.city, state: contact.state, postcode: contact.postcode, country: contact.country))
    }
}
