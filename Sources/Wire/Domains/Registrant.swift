extension Wire {
    /// Who the account's names are registered to: the answer of `GET /v1/account/registrant`, under `data`, and the
    /// body of `PUT`.
    package struct Registrant: JSONWritable, Hashable {
        package struct Contact: JSONWritable, Hashable {
            package let name: String
            package let email: String
            package let phone: String
            package let street: String
            package let city: String
            package let state: String
            package let postcode: String
            package let country: String

            package init(
                name: String, email: String, phone: String, street: String, city: String, state: String,
                postcode: String, country: String
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

            init(reading fields: inout RequestFields) {
                name = fields.requiredString("name")
                email = fields.requiredString("email")
                phone = fields.requiredString("phone")
                street = fields.requiredString("street")
                city = fields.requiredString("city")
                state = fields.requiredString("state")
                postcode = fields.requiredString("postcode")
                country = fields.requiredString("country")
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("name", name)
                    writer.field("email", email)
                    writer.field("phone", phone)
                    writer.field("street", street)
                    writer.field("city", city)
                    writer.field("state", state)
                    writer.field("postcode", postcode)
                    writer.field("country", country)
                }
            }
        }

        package let legalName: String
        package let idType: String
        package let idNumber: String
        package let eligibilityType: String
        package let contact: Contact

        package init(
            legalName: String, idType: String, idNumber: String, eligibilityType: String, contact: Contact
        ) {
            self.legalName = legalName
            self.idType = idType
            self.idNumber = idNumber
            self.eligibilityType = eligibilityType
            self.contact = contact
        }

        /// - Throws: `BodyFault.mistyped`, `BodyFault.missing`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            legalName = fields.requiredString("legal_name")
            idType = fields.requiredString("id_type")
            idNumber = fields.requiredString("id_number")
            eligibilityType = fields.requiredString("eligibility_type")
            var within = fields.requiredObject("contact")
            try fields.checkTypes()
            contact = Contact(reading: &within)
            try within.checkTypes()
            try fields.checkPresence()
            try within.checkPresence()
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("legal_name", legalName)
                writer.field("id_type", idType)
                writer.field("id_number", idNumber)
                writer.field("eligibility_type", eligibilityType)
                writer.field("contact", contact)
            }
        }
    }

    /// `{"data": …}` of something that need not be there.
    package struct OptionalAnswer<Content: JSONWritable>: JSONWritable {
        package let data: Content?

        package init(_ data: Content?) {
            self.data = data
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in writer.field("data", data) }
        }
    }
}
