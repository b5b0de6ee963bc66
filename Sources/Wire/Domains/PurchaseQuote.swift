extension Wire {
    /// What an order of a name would cost, under `data`: the answer to `?dry_run=true`.
    package struct PurchaseQuote: JSONWritable, Hashable {
        package let domain: String
        package let years: Int
        /// Of all years.
        package let priceCents: Int64
        /// With GST, where that comes on top.
        package let totalCents: Int64
        /// For each year after.
        package let renewalCents: Int64

        package init(domain: String, years: Int, priceCents: Int64, totalCents: Int64, renewalCents: Int64) {
            self.domain = domain
            self.years = years
            self.priceCents = priceCents
            self.totalCents = totalCents
            self.renewalCents = renewalCents
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("dry_run", true)
                writer.field("domain", domain)
                writer.field("years", years)
                writer.field("price_cents", priceCents)
                writer.field("total_cents", totalCents)
                writer.field("renewal_cents", renewalCents)
                writer.field("currency", "AUD")
            }
        }
    }
}
