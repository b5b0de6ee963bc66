extension Wire {
    /// The body of `POST /v1/servers`.
    package struct CreateServer: JSONWritable, Hashable {
        package let plan: String
        package let region: String
        package let image: String
        package let name: String?

        package init(plan: String, region: String, image: String, name: String?) {
            self.plan = plan
            self.region = region
            self.image = image
            self.name = name
        }

        /// - Throws: `BodyFault.mistyped`, `BodyFault.missing`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            plan = fields.requiredString("plan")
            region = fields.requiredString("region")
            image = fields.requiredString("image")
            name = fields.string("name")
            try fields.checkTypes()
            try fields.checkPresence()
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("plan", plan)
                writer.field("region", region)
                writer.field("image", image)
                if let name { writer.field("name", name) }
            }
        }
    }

    /// The answer of `POST /v1/servers`: the server, `"provision":"ok"`, and warnings where some are due.
    package struct ServerCreated: JSONWritable, Hashable {
        package let server: Server
        package let warnings: [String]

        package init(_ server: Server, warnings: [String]) {
            self.server = server
            self.warnings = warnings
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("data", server)
                writer.field("provision", "ok")
                if !warnings.isEmpty { writer.field("warnings", warnings) }
            }
        }
    }
}
