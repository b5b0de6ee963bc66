/// Who holds a customer's names, as registries ask; `.au` names cannot be had without one.
package struct Registrant: Hashable, Sendable, Codable {
    /// Exactly as the business register has it.
    package let legalName: String
    package let identity: Identity
    package let eligibility: Eligibility
    package let contact: Contact

    /// What proves that the holder exists.
    package struct Identity: Hashable, Sendable, Codable {
        package let kind: Kind
        /// Digits without spaces for ABN and ACN; as given for a trade mark.
        package let number: String

        package enum Kind: String, CaseIterable, Sendable, Codable {
            case businessNumber = "ABN"
            case companyNumber = "ACN"
            case tradeMark = "TM"
        }

        /// - Throws: `Refusal.invalid` with the field `id_number`.
        package init(_ kind: Kind, _ number: String) throws {
            self.kind = kind
            switch kind {
            case .businessNumber:
                guard let sound = BusinessNumber(number) else {
                    throw Self.fault("must be an ABN, such as 51 824 753 556")
                }
                self.number = sound.digits
            case .companyNumber:
                guard let sound = CompanyNumber(number) else { throw Self.fault("must be an ACN, such as 004 085 616") }
                self.number = sound.digits
            case .tradeMark:
                let isNumber = (1...10).contains(number.utf8.count) && number.utf8.allSatisfy { (48...57).contains($0) }
                guard isNumber else { throw Self.fault("must be a trade mark's number: 1 to 10 digits") }
                self.number = number
            }
        }

        private static func fault(_ rule: String) -> Refusal {
            Refusal(.invalid, "The registrant cannot be used: id_number \(rule)", fields: ["id_number": rule])
        }
    }

    package struct Contact: Hashable, Sendable, Codable {
        package let name: String
        package let email: String
        /// With the country's code, such as `+61.291234567`.
        package let phone: String
        package let street: String
        package let city: String
        package let state: String
        package let postcode: String
        /// Two letters, ISO 3166.
        package let country: String

        package init(
            name: String, email: String, phone: String, street: String, city: String, state: String, postcode: String,
            country: String
        ) {
            self.name = name
            self.email = email
            self.phone = phone
            self.street = street
            self.city = city
            self.state = state
            self.postcode = postcode
            self.country = country
        }
    }

    /// - Throws: `Refusal.invalid` that names every field at fault.
    package init(legalName: String, identity: Identity, eligibility: Eligibility, contact: Contact) throws {
        self.legalName = legalName
        self.identity = identity
        self.eligibility = eligibility
        self.contact = contact
        let faults = self.faults
        guard faults.isEmpty else {
            throw Refusal(.invalid, "The registrant cannot be used: see the fields", fields: faults)
        }
    }

    private var faults: [String: String] {
        var faults: [String: String] = [:]
        func require(_ field: String, _ text: String) {
            if !Label.isValid(text) { faults[field] = Label.rule }
        }
        require("legal_name", legalName)
        require("contact.name", contact.name)
        require("contact.street", contact.street)
        require("contact.city", contact.city)
        require("contact.state", contact.state)
        require("contact.postcode", contact.postcode)
        if !Self.isAddress(contact.email) { faults["contact.email"] = "must be an e-mail address" }
        if !Self.isPhone(contact.phone) { faults["contact.phone"] = "must be like +61.291234567" }
        if contact.country.utf8.count != 2 || !contact.country.utf8.allSatisfy({ (65...90).contains($0) }) {
            faults["contact.country"] = "must be two capital letters, such as AU"
        }
        return faults
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && Label.isValid(text)
            && !text.unicodeScalars.contains { $0.properties.isWhitespace }
    }

    /// As EPP writes it (RFC 5733 §2.5): country's code, point, number.
    private static func isPhone(_ text: String) -> Bool {
        text.wholeMatch(of: /\+[0-9]{1,3}\.[0-9]{4,14}/) != nil
    }
}

/// Why a holder may have a name below `.au`: the eligibility types of the registry's policy (auDA).
package enum Eligibility: String, CaseIterable, Sendable, Codable {
    case company = "Company"
    case registeredBusiness = "Registered Business"
    case soleTrader = "Sole Trader"
    case partnership = "Partnership"
    case trademarkOwner = "Trademark Owner"
    case pendingTrademarkOwner = "Pending TM Owner"
    case citizen = "Citizen/Resident"
    case incorporatedAssociation = "Incorporated Association"
    case club = "Club"
    case nonProfit = "Non-profit Organisation"
    case charity = "Charity"
    case tradeUnion = "Trade Union"
    case industryBody = "Industry Body"
    case statutoryBody = "Commercial Statutory Body"
    case politicalParty = "Political Party"
    case higherEducation = "Higher Education Institution"
    case other = "Other"
}
