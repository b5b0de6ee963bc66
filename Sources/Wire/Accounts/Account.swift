extension Wire {
    /// The answer of `GET /v1/account`: bare, not under `data`.
    package struct Account: JSONWritable, Hashable {
        package let servers: Int
        package let serverLimit: Int
        /// This and the next two in cents AUD.
        package let committedCents: Int64
        package let spendCapCents: Int64
        package let remainingCents: Int64
        package let currency: String
        package let suspended: Bool
        /// What this month has cost so far.
        package let accruedCents: Int64
        /// What it comes to if nothing changes before its end.
        package let forecastCents: Int64

        package init(
            servers: Int, serverLimit: Int, committedCents: Int64, spendCapCents: Int64, remainingCents: Int64,
            currency: String, suspended: Bool, accruedCents: Int64, forecastCents: Int64
        ) {
            self.servers = servers
            self.serverLimit = serverLimit
            self.committedCents = committedCents
            self.spendCapCents = spendCapCents
            self.remainingCents = remainingCents
            self.currency = currency
            self.suspended = suspended
            self.accruedCents = accruedCents
            self.forecastCents = forecastCents
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("servers", servers)
                writer.field("server_limit", serverLimit)
                writer.field("committed_cents", committedCents)
                writer.field("spend_cap_cents", spendCapCents)
                writer.field("remaining_cents", remainingCents)
                writer.field("currency", currency)
                writer.field("suspended", suspended)
                writer.field("accrued_cents", accruedCents)
                writer.field("forecast_cents", forecastCents)
            }
        }
    }
}
