extension Wire {
    /// An invoice in a list.
    package struct InvoiceSummary: JSONWritable, Hashable {
        package let id: String
        package let number: Int64
        /// `month` or `domain`.
        package let kind: String
        package let month: String
        /// The name that it is of; null for a month.
        package let domain: String?
        package let issuedAt: Timestamp
        package let dueAt: Timestamp
        package let status: String
        package let gst: String
        /// Of the lines.
        package let sumCents: Int64
        /// In the sum or on top of it, as `gst` says.
        package let taxCents: Int64
        package let totalCents: Int64
        package let openCents: Int64

        package init(
            id: String, number: Int64, kind: String, month: String, domain: String?, issuedAt: Timestamp,
            dueAt: Timestamp, status: String, gst: String, sumCents: Int64, taxCents: Int64, totalCents: Int64,
            openCents: Int64
        ) {
            self.id = id
            self.number = number
            self.kind = kind
            self.month = month
            self.domain = domain
            self.issuedAt = issuedAt
            self.dueAt = dueAt
            self.status = status
            self.gst = gst
            self.sumCents = sumCents
            self.taxCents = taxCents
            self.totalCents = totalCents
            self.openCents = openCents
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in writeFields(to: &writer) }
        }

        func writeFields(to writer: inout JSONWriter) {
            writer.field("id", id)
            writer.field("number", number)
            writer.field("kind", kind)
            writer.field("month", month)
            writer.field("domain", domain)
            writer.field("issued_at", issuedAt)
            writer.field("due_at", dueAt)
            writer.field("status", status)
            writer.field("currency", "AUD")
            writer.field("gst", gst)
            writer.field("sum_cents", sumCents)
            writer.field("tax_cents", taxCents)
            writer.field("total_cents", totalCents)
            writer.field("open_cents", openCents)
        }
    }
}
