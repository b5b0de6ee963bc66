extension Wire {
    /// What a change would cost, under `data`: the answer to `?dry_run=true`.
    package struct Quote: JSONWritable, Hashable {
        /// Of the server as ordered, per month.
        package let priceCents: Int64
        /// Negative for less.
        package let monthlyChangeCents: Int64
        package let committedCentsAfter: Int64
        package let remainingCentsAfter: Int64
        package let forecastCentsAfter: Int64

        package init(
            priceCents: Int64, monthlyChangeCents: Int64, committedCentsAfter: Int64, remainingCentsAfter: Int64,
            forecastCentsAfter: Int64
        ) {
            self.priceCents = priceCents
            self.monthlyChangeCents = monthlyChangeCents
            self.committedCentsAfter = committedCentsAfter
            self.remainingCentsAfter = remainingCentsAfter
            self.forecastCentsAfter = forecastCentsAfter
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("dry_run", true)
                writer.field("price_cents", priceCents)
                // Servers are paid for by invoice, after the month.
                writer.field("due_now_cents", 0)
                writer.field("monthly_change_cents", monthlyChangeCents)
                writer.field("committed_cents_after", committedCentsAfter)
                writer.field("remaining_cents_after", remainingCentsAfter)
                writer.field("forecast_cents_after", forecastCentsAfter)
            }
        }
    }
}
