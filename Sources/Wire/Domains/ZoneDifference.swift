extension Wire {
    /// All values of one type at one name.
    package struct RecordSet: JSONWritable, Hashable {
        package let name: String
        package let type: String
        package let ttl: Int
        package let values: [String]

        package init(name: String, type: String, ttl: Int, values: [String]) {
            self.name = name
            self.type = type
            self.ttl = ttl
            self.values = values
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("name", name)
                writer.field("type", type)
                writer.field("ttl", ttl)
                writer.field("values", values)
            }
        }
    }

    /// What makes one zone of another.
    package struct ZoneDifference: JSONWritable, Hashable {
        package struct Change: JSONWritable, Hashable {
            package let before: RecordSet
            package let after: RecordSet

            package init(before: RecordSet, after: RecordSet) {
                self.before = before
                self.after = after
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("before", before)
                    writer.field("after", after)
                }
            }
        }

        package let added: [RecordSet]
        package let removed: [RecordSet]
        package let changed: [Change]

        package init(added: [RecordSet], removed: [RecordSet], changed: [Change]) {
            self.added = added
            self.removed = removed
            self.changed = changed
        }

        package func write(to writer: inout JSONWriter) {
            writer.object(writeFields)
        }

        func writeFields(to writer: inout JSONWriter) {
            writer.field("added", added)
            writer.field("removed", removed)
            writer.field("changed", changed)
        }
    }

    /// A line of a zone's history.
    package struct ZoneChange: JSONWritable, Hashable {
        package let version: Int
        package let at: Timestamp
        package let actor: String
        package let keyID: String?
        package let act: String
        package let difference: ZoneDifference

        package init(
            version: Int, at: Timestamp, actor: String, keyID: String?, act: String, difference: ZoneDifference
        ) {
            self.version = version
            self.at = at
            self.actor = actor
            self.keyID = keyID
            self.act = act
            self.difference = difference
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("version", version)
                writer.field("at", at)
                writer.field("actor", actor)
                writer.field("key_id", keyID)
                writer.field("act", act)
                difference.writeFields(to: &writer)
            }
        }
    }
}
