extension Wire {
    /// Who the account's invoices are made out to: the answer of `GET /v1/account/billing-details`, under `data`, and the
    /// body of `PUT`.
    package struct BillingDetails: JSONWritable, Hashable {
        package let name: String
        /// Lines of a postal address; none is allowed.
        package let address: [String]
        /// An Australian Business Number; nil for who has none.
        package let abn: String?

        package init(name: String, address: [String], abn: String?) {
            self.name = name
            self.address = address
            self.abn = abn
        }

        /// - Throws: `BodyFault.mistyped`, `BodyFault.missing`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            name = fields.requiredString("name")
            address = fields.strings("address") ?? []
            abn = fields.string("abn")
            try fields.checkTypes()
            try fields.checkPresence()
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("name", name)
                writer.field("address", address)
                writer.field("abn", abn)
            }
        }
    }
}
