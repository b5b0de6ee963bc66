extension Wire {
    /// An invoice with everything that explains it, under `data`.
    package struct Invoice: JSONWritable, Hashable {
        package let summary: InvoiceSummary
        package let timeZone: String
        package let period: Usage.Period
        package let seller: Party
        package let buyer: Party
        /// In lines; empty where the operator has said nothing.
        package let paymentInstructions: [String]
        /// Of all lines there are.
        package let lineCount: Int
        /// The first of them, where there are very many.
        package let lines: [InvoiceLine]
        /// Of an invoice of a name: its one line, instead of the others.
        package let purchase: PurchaseLine?
        package let settlements: [Settlement]
        package let adjustments: [Adjustment]

        /// A seller or a buyer.
        package struct Party: JSONWritable, Hashable {
            package let name: String
            /// Eleven digits.
            package let abn: String?
            package let address: [String]
            package let email: String

            package init(name: String, abn: String?, address: [String], email: String) {
                self.name = name
                self.abn = abn
                self.address = address
                self.email = email
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("name", name)
                    writer.field("abn", abn)
                    writer.field("address", address)
                    writer.field("email", email)
                }
            }
        }

        /// What took a part of the open amount away.
        package struct Settlement: JSONWritable, Hashable {
            package let means: String
            package let cents: Int64
            package let at: Timestamp

            package init(means: String, cents: Int64, at: Timestamp) {
                self.means = means
                self.cents = cents
                self.at = at
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("means", means)
                    writer.field("cents", cents)
                    writer.field("at", at)
                }
            }
        }

        /// A correction.
        package struct Adjustment: JSONWritable, Hashable {
            package let id: String
            package let number: Int64
            package let issuedAt: Timestamp
            /// Tax included.
            package let cents: Int64
            package let taxCents: Int64
            package let reason: String

            package init(
                id: String, number: Int64, issuedAt: Timestamp, cents: Int64, taxCents: Int64, reason: String
            ) {
                self.id = id
                self.number = number
                self.issuedAt = issuedAt
                self.cents = cents
                self.taxCents = taxCents
                self.reason = reason
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in writeFields(to: &writer) }
            }

            func writeFields(to writer: inout JSONWriter) {
                writer.field("id", id)
                writer.field("number", number)
                writer.field("issued_at", issuedAt)
                writer.field("cents", cents)
                writer.field("tax_cents", taxCents)
                writer.field("reason", reason)
            }
        }

        package init(
            summary: InvoiceSummary, timeZone: String, period: Usage.Period, seller: Party, buyer: Party,
            paymentInstructions: [String], lineCount: Int, lines: [InvoiceLine], purchase: PurchaseLine?,
            settlements: [Settlement], adjustments: [Adjustment]
        ) {
            self.summary = summary
            self.timeZone = timeZone
            self.period = period
            self.seller = seller
            self.buyer = buyer
            self.paymentInstructions = paymentInstructions
            self.lineCount = lineCount
            self.lines = lines
            self.purchase = purchase
            self.settlements = settlements
            self.adjustments = adjustments
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                summary.writeFields(to: &writer)
                writer.field("time_zone", timeZone)
                writer.field("period", period)
                writer.field("seller", seller)
                writer.field("buyer", buyer)
                writer.field("payment_instructions", paymentInstructions)
                writer.field("line_count", lineCount)
                if let purchase { writer.field("lines", [purchase]) } else { writer.field("lines", lines) }
                writer.field("settlements", settlements)
                writer.field("adjustments", adjustments)
            }
        }
    }
}
