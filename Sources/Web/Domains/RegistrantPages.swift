import Cloud
import HTTPTypes
import Wire

/// Who holds the names of an account, as registries ask.
struct RegistrantPages: Sendable {
    let domains: Domains

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    @Sendable func set(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        do {
            let registrant = try Registrant(
                Wire.Registrant(
                    legalName: form["legal_name"], idType: form["id_type"], idNumber: form["id_number"],
                    eligibilityType: form["eligibility_type"],
                    contact: Wire.Registrant.Contact(
                        name: form["contact.name"], email: form["contact.email"], phone: form["contact.phone"],
                        street: form["contact.street"], city: form["contact.city"], state: form["contact.state"],
                        postcode: form["contact.postcode"], country: form["contact.country"])))
            try await domains.setRegistrant(registrant, by: visit.requester())
        } catch let refusal as Refusal where refusal.code == .invalid {
            return try await page(visit, refusal)
        }
        return .seeOther("/domains/registrant?done=set")
    }

    private struct Line {
        let label: String
        let name: String
        let kept: String?
        let hint: String?
        let complete: String
    }

    private static func lines(of kept: Registrant?) -> [Line] {
        let contact = kept?.contact
        return [
            Line(label: "Contact's name", name: "contact.name", kept: contact?.name, hint: nil, complete: "name"),
            Line(label: "E-mail", name: "contact.email", kept: contact?.email, hint: nil, complete: "email"),
            Line(
                label: "Telephone", name: "contact.phone", kept: contact?.phone, hint: "Such as +61.291234567",
                complete: "off"),
            Line(
                label: "Street", name: "contact.street", kept: contact?.street, hint: nil, complete: "street-address"),
            Line(label: "City", name: "contact.city", kept: contact?.city, hint: nil, complete: "address-level2"),
            Line(label: "State", name: "contact.state", kept: contact?.state, hint: nil, complete: "address-level1"),
            Line(
                label: "Postcode", name: "contact.postcode", kept: contact?.postcode, hint: nil, complete: "postal-code"
            ),
            Line(
                label: "Country", name: "contact.country", kept: contact?.country, hint: "Two letters, such as AU",
                complete: "country"),
        ]
    }

    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let kept = try await domains.registrant(of: visit.person().account)
        func value(_ name: String, _ kept: String?) -> String { visit.form.optional(name) ?? kept ?? "" }
        let lines = Self.lines(of: kept).map { line in
            Field.line(
                line.label, line.name, value: value(line.name, line.kept), hint: line.hint, complete: line.complete,
                refusal: refusal)
        }
        let kinds = Registrant.Identity.Kind.allCases.map { ($0.rawValue, Self.words(of: $0)) }
        let fields: HTML = """
            <div class="grid"><section class="card"><h2>The holder</h2>\(Field.line(
                "Legal name", "legal_name", value: value("legal_name", kept?.legalName),
                hint: "As the business register has it", complete: "organization", refusal: refusal))
            \(Self.choice("What proves it", "id_type", kinds, value("id_type", kept?.identity.kind.rawValue), refusal))
            \(Field.line(
                "Its number", "id_number", value: value("id_number", kept?.identity.number), hint: "An ABN, ACN or trade mark's number",
                refusal: refusal))
            \(Self.choice(
                "Eligible as", "eligibility_type", Eligibility.allCases.map { ($0.rawValue, $0.rawValue) },
                value("eligibility_type", kept?.eligibility.rawValue), refusal))</section>
            <section class="card"><h2>Contact</h2>\(lines)</section></div>
            <button class="button">Keep these details</button>
            """
        let shown =
            ["legal_name", "id_type", "id_number", "eligibility_type"] + Self.lines(of: nil).map(\.name)
        let body: HTML = """
            <p><a href="/domains">Domains</a></p><div class="head"><div><h1>Registrant</h1>
            <p class="soft">Who holds your names. Registries ask for it below .au; names you buy from now on have it.</p>\
            </div></div>\(Field.summary(refusal, besides: shown))\(visit.form("/domains/registrant", fields))
            """
        let notice: Page.Notice? = visit.query["done"] == "set" ? .good("The details are kept.") : nil
        return visit.page(Page("Registrant", at: .domains, notice: notice, body), refused: refusal)
    }

    private static func words(of kind: Registrant.Identity.Kind) -> String {
        switch kind {
        case .businessNumber: "Australian Business Number (ABN)"
        case .companyNumber: "Australian Company Number (ACN)"
        case .tradeMark: "Trade mark"
        }
    }

    private static func choice(
        _ label: String, _ name: String, _ choices: [(String, String)], _ chosen: String, _ refusal: Refusal?
    ) -> HTML {
        let options = choices.map { value, words -> HTML in
            #"<option value="\#(value)"\#(flag: "selected", if: value == chosen)>\#(words)</option>"#
        }
        return """
            <div class="field"><label for="\(name)">\(label)</label><select id="\(name)" name="\(name)">\(options)</select>\
            \(refusal?.fields[name].map { Field.error($0, of: name) })</div>
            """
    }
}
