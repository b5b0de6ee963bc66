extension Wire {
    /// What the account has used in a month, under `data`.
    package struct Usage: JSONWritable, Hashable {
        package let month: String
        package let timeZone: String
        package let period: Period
        /// Up to when the rest counts.
        package let asOf: Timestamp
        package let gst: String
        package let servers: [Server]
        /// Of the servers.
        package let sumCents: Int64
        /// In the sum or on top of it, as `gst` says.
        package let taxCents: Int64
        package let monthToDateCents: Int64
        package let forecastCents: Int64
        /// What the month was invoiced by.
        package let invoiceID: String?

        package struct Period: JSONWritable, Hashable {
            package let from: Timestamp
            package let to: Timestamp

            package init(from: Timestamp, to: Timestamp) {
                self.from = from
                self.to = to
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("from", from)
                    writer.field("to", to)
                    writer.field("seconds", to.seconds - from.seconds)
                }
            }
        }

        package struct Server: JSONWritable, Hashable {
            package let id: String
            package let name: String
            package let spans: [Span]

            package init(id: String, name: String, spans: [Span]) {
                self.id = id
                self.name = name
                self.spans = spans
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("id", id)
                    writer.field("name", name)
                    writer.field("spans", spans)
                    writer.field("cents", spans.reduce(Int64(0)) { $0 + $1.cents })
                }
            }
        }

        /// A stretch of time in which a server had one plan at one price.
        package struct Span: JSONWritable, Hashable {
            package let plan: String
            package let planName: String
            /// Per month.
            package let priceCents: Int64
            package let from: Timestamp
            /// The first second after it, or now.
            package let to: Timestamp
            package let cents: Int64

            package init(
                plan: String, planName: String, priceCents: Int64, from: Timestamp, to: Timestamp, cents: Int64
            ) {
                self.plan = plan
                self.planName = planName
                self.priceCents = priceCents
                self.from = from
                self.to = to
                self.cents = cents
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in writeFields(to: &writer) }
            }

            func writeFields(to writer: inout JSONWriter) {
                writer.field("plan", plan)
                writer.field("plan_name", planName)
                writer.field("price_cents", priceCents)
                writer.field("from", from)
                writer.field("to", to)
                writer.field("seconds", to.seconds - from.seconds)
                writer.field("cents", cents)
            }
        }

        package init(
            month: String, timeZone: String, period: Period, asOf: Timestamp, gst: String, servers: [Server],
            sumCents: Int64, taxCents: Int64, monthToDateCents: Int64, forecastCents: Int64,
            invoiceID: String?
        ) {
            self.month = month
            self.timeZone = timeZone
            self.period = period
            self.asOf = asOf
            self.gst = gst
            self.servers = servers
            self.sumCents = sumCents
            self.taxCents = taxCents
            self.monthToDateCents = monthToDateCents
            self.forecastCents = forecastCents
            self.invoiceID = invoiceID
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("month", month)
                writer.field("time_zone", timeZone)
                writer.field("period", period)
                writer.field("as_of", asOf)
                writer.field("currency", "AUD")
                writer.field("gst", gst)
                writer.field("servers", servers)
                writer.field("sum_cents", sumCents)
                writer.field("tax_cents", taxCents)
                writer.field("month_to_date_cents", monthToDateCents)
                writer.field("forecast_cents", forecastCents)
                writer.field("invoice_id", invoiceID)
            }
        }
    }
}
