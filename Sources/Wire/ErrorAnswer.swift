extension Wire {
    /// `{"error": …, "code": …, "request_id": …}`, and `fields` where some are at fault.
    package struct ErrorAnswer: JSONWritable, Hashable {
        /// A sentence a person can act on.
        package let error: String
        /// Stable; programs decide by it.
        package let code: String
        package let requestID: String
        /// What is wrong with each field at fault.
        package let fields: [String: String]

        package init(error: String, code: String, requestID: String, fields: [String: String] = [:]) {
            self.error = error
            self.code = code
            self.requestID = requestID
            self.fields = fields
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("error", error)
                writer.field("code", code)
                writer.field("request_id", requestID)
                if !fields.isEmpty {
                    writer.key("fields")
                    writer.object { writer in
                        for (name, fault) in fields.sorted(by: { $0.key < $1.key }) {
                            writer.key(name)
                            writer.string(fault)
                        }
                    }
                }
            }
        }
    }
}
