extension Wire {
    /// The one line of an invoice of a name.
    package struct PurchaseLine: JSONWritable, Hashable {
        package let domainID: String
        package let domain: String
        /// What the invoice says, such as `mybusiness.com.au, 1 year from 2026-11-23`.
        package let description: String
        package let act: String
        package let years: Int
        /// Of a year, or of a transfer.
        package let priceCents: Int64
        package let from: Timestamp
        package let to: Timestamp
        package let cents: Int64
        package let taxCents: Int64

        package init(
            domainID: String, domain: String, description: String, act: String, years: Int, priceCents: Int64,
            from: Timestamp, to: Timestamp, cents: Int64, taxCents: Int64
        ) {
            self.domainID = domainID
            self.domain = domain
            self.description = description
            self.act = act
            self.years = years
            self.priceCents = priceCents
            self.from = from
            self.to = to
            self.cents = cents
            self.taxCents = taxCents
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("line", 1)
                writer.field("domain_id", domainID)
                writer.field("domain", domain)
                writer.field("description", description)
                writer.field("act", act)
                writer.field("years", years)
                writer.field("price_cents", priceCents)
                writer.field("from", from)
                writer.field("to", to)
                writer.field("cents", cents)
                writer.field("tax_cents", taxCents)
            }
        }
    }
}
