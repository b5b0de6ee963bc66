extension Wire {
    /// The answer of `GET /v1/domains/{id}/dns/check`, under `data`.
    package struct ZoneCheck: JSONWritable, Hashable {
        package struct Server: JSONWritable, Hashable {
            package let server: String
            /// Of the zone it answers; null when it does not.
            package let serial: Int64?
            package let inStep: Bool
            /// Why there is no serial.
            package let problem: String?

            package init(server: String, serial: Int64?, inStep: Bool, problem: String?) {
                self.server = server
                self.serial = serial
                self.inStep = inStep
                self.problem = problem
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("server", server)
                    writer.key("serial")
                    if let serial { writer.integer(serial) } else { writer.null() }
                    writer.field("in_step", inStep)
                    writer.field("problem", problem)
                }
            }
        }

        package let version: Int
        package let inStep: Bool
        package let servers: [Server]

        package init(version: Int, inStep: Bool, servers: [Server]) {
            self.version = version
            self.inStep = inStep
            self.servers = servers
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("version", version)
                writer.field("in_step", inStep)
                writer.field("servers", servers)
            }
        }
    }
}
