extension Wire {
    /// One value at a name.
    package struct DNSRecord: JSONWritable, Hashable {
        package let id: String
        /// Absolute, without a trailing dot.
        package let name: String
        package let type: String
        package let value: String
        /// In seconds.
        package let ttl: Int
        /// The server whose address it follows; null when it does not.
        package let serverID: String?

        package init(id: String, name: String, type: String, value: String, ttl: Int, serverID: String?) {
            self.id = id
            self.name = name
            self.type = type
            self.value = value
            self.ttl = ttl
            self.serverID = serverID
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                writer.field("name", name)
                writer.field("type", type)
                writer.field("value", value)
                writer.field("ttl", ttl)
                writer.field("server_id", serverID)
            }
        }
    }

    /// All records of a zone, and the version they were read at.
    package struct ZoneListing: JSONWritable, Hashable {
        package let records: [DNSRecord]
        package let version: Int
        /// What was done otherwise than an imported file says; nil where there was no file.
        package let notices: [ZoneFileNotice]?

        package init(_ records: [DNSRecord], version: Int, notices: [ZoneFileNotice]? = nil) {
            self.records = records
            self.version = version
            self.notices = notices
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("data", records)
                writer.field("version", version)
                if let notices { writer.field("notices", notices) }
            }
        }
    }

    package struct ZoneFileNotice: JSONWritable, Hashable {
        /// Counted from 1.
        package let line: Int
        package let sentence: String

        package init(line: Int, sentence: String) {
            self.line = line
            self.sentence = sentence
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("line", line)
                writer.field("sentence", sentence)
            }
        }
    }

    /// The answer of `GET /v1/domains/{id}/dns/export`, under `data`.
    package struct ZoneFile: JSONWritable, Hashable {
        package let zoneFile: String
        package let version: Int

        package init(zoneFile: String, version: Int) {
            self.zoneFile = zoneFile
            self.version = version
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("zone_file", zoneFile)
                writer.field("version", version)
            }
        }
    }
}
