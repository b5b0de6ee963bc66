extension Wire {
    /// An adjustment note with what it corrected, under `data`.
    package struct AdjustmentNote: JSONWritable, Hashable {
        package let adjustment: Invoice.Adjustment
        package let invoiceID: String
        package let invoiceNumber: Int64
        package let invoiceIssuedAt: Timestamp
        package let month: String
        package let timeZone: String
        package let gst: String
        package let seller: Invoice.Party
        package let buyer: Invoice.Party
        /// Of the invoice, all earlier notes counted.
        package let before: Price
        package let after: Price
        /// What it took off what was still to be paid.
        package let takenOffCents: Int64
        /// What had been paid already, and became credit.
        package let creditedCents: Int64

        /// A price with its tax included, and the tax in it.
        package struct Price: JSONWritable, Hashable {
            package let cents: Int64
            package let taxCents: Int64

            package init(cents: Int64, taxCents: Int64) {
                self.cents = cents
                self.taxCents = taxCents
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("cents", cents)
                    writer.field("tax_cents", taxCents)
                }
            }
        }

        package init(
            adjustment: Invoice.Adjustment, invoiceID: String, invoiceNumber: Int64, invoiceIssuedAt: Timestamp,
            month: String, timeZone: String, gst: String, seller: Invoice.Party, buyer: Invoice.Party, before: Price,
            after: Price, takenOffCents: Int64, creditedCents: Int64
        ) {
            self.adjustment = adjustment
            self.invoiceID = invoiceID
            self.invoiceNumber = invoiceNumber
            self.invoiceIssuedAt = invoiceIssuedAt
            self.month = month
            self.timeZone = timeZone
            self.gst = gst
            self.seller = seller
            self.buyer = buyer
            self.before = before
            self.after = after
            self.takenOffCents = takenOffCents
            self.creditedCents = creditedCents
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                adjustment.writeFields(to: &writer)
                writer.field("invoice_id", invoiceID)
                writer.field("invoice_number", invoiceNumber)
                writer.field("invoice_issued_at", invoiceIssuedAt)
                writer.field("month", month)
                writer.field("time_zone", timeZone)
                writer.field("currency", "AUD")
                writer.field("gst", gst)
                writer.field("seller", seller)
                writer.field("buyer", buyer)
                writer.field("before", before)
                writer.field("after", after)
                writer.field("taken_off_cents", takenOffCents)
                writer.field("credited_cents", creditedCents)
            }
        }
    }
}
