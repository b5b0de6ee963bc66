extension Wire {
    /// The body of `POST /v1/servers/{id}/actions`.
    package struct ServerAction: JSONWritable, Hashable {
        /// Nil when it is missing: which server is meant is looked at before.
        package let action: String?
        package let plan: String?
        package let force: Bool?

        package init(action: String?, plan: String? = nil, force: Bool? = nil) {
            self.action = action
            self.plan = plan
            self.force = force
        }

        /// - Throws: `BodyFault.mistyped`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            action = fields.string("action")
            plan = fields.string("plan")
            force = fields.bool("force")
            try fields.checkTypes()
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                if let action { writer.field("action", action) }
                if let plan { writer.field("plan", plan) }
                if let force { writer.field("force", force) }
            }
        }
    }

    /// The answer of `GET /v1/servers/{id}/console`, under `data`.
    package struct Console: JSONWritable, Hashable {
        package let output: String

        package init(output: String) {
            self.output = output
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in writer.field("output", output) }
        }
    }
}
