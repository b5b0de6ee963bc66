extension Wire {
    /// A stretch of time in which a server had one plan at one price, as it was invoiced.
    package struct InvoiceLine: JSONWritable, Hashable {
        /// From 1.
        package let line: Int
        package let serverID: String
        package let serverName: String
        package let span: Usage.Span
        /// This line's part of the tax.
        package let taxCents: Int64

        package init(line: Int, serverID: String, serverName: String, span: Usage.Span, taxCents: Int64) {
            self.line = line
            self.serverID = serverID
            self.serverName = serverName
            self.span = span
            self.taxCents = taxCents
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("line", line)
                writer.field("server_id", serverID)
                writer.field("server_name", serverName)
                span.writeFields(to: &writer)
                writer.field("tax_cents", taxCents)
            }
        }
    }
}
