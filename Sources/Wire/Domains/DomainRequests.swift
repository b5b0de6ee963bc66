extension Wire {
    /// The body of `POST /v1/domains/check`.
    package struct CheckDomain: Hashable, Sendable {
        package let domain: String

        /// - Throws: `BodyFault.mistyped`, `BodyFault.missing`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            domain = fields.requiredString("domain")
            try fields.checkTypes()
            try fields.checkPresence()
        }
    }

    /// The body of `POST /v1/domains`.
    package struct RegisterDomain: Hashable, Sendable {
        package let domain: String
        package let years: Int64?
        package let transferCode: String?

        /// - Throws: `BodyFault.mistyped`, `BodyFault.missing`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            domain = fields.requiredString("domain")
            years = fields.integer("years")
            transferCode = fields.string("transfer_code")
            try fields.checkTypes()
            try fields.checkPresence()
        }
    }

    /// The body of `POST /v1/domains/{id}/actions`.
    package struct DomainAction: Hashable, Sendable {
        /// Nil when it is missing: which domain is meant is looked at before.
        package let action: String?
        package let years: Int64?

        /// - Throws: `BodyFault.mistyped`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            action = fields.string("action")
            years = fields.integer("years")
            try fields.checkTypes()
        }
    }

    /// The body of `POST /v1/domains/{id}/dnssec`.
    package struct SetSigning: Hashable, Sendable {
        /// Nil when it is missing: which domain is meant is looked at before.
        package let enabled: Bool?

        /// - Throws: `BodyFault.mistyped`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            enabled = fields.bool("enabled")
            try fields.checkTypes()
        }
    }

    /// The body of `POST /v1/domains/{id}/connect`. What is missing is judged once the domain is found.
    package struct ConnectDomain: Hashable, Sendable {
        package let serverID: String?

        /// - Throws: `BodyFault.mistyped`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            serverID = fields.string("server_id")
            try fields.checkTypes()
        }
    }

    /// A record as it is asked for: the body of `POST /v1/domains/{id}/dns`, and each of `PUT`'s `records`.
    package struct RecordRequest: Hashable, Sendable {
        package let name: String?
        package let type: String?
        package let value: String?
        package let values: [String]?
        package let ttl: Int64?
        package let priority: Int64?

        /// - Throws: `BodyFault.mistyped`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            name = fields.string("name")
            type = fields.string("type")
            value = fields.string("value")
            values = fields.strings("values")
            ttl = fields.integer("ttl")
            priority = fields.integer("priority")
            try fields.checkTypes()
        }
    }

    /// The body of `PUT /v1/domains/{id}/dns`.
    package struct ReplaceZone: Hashable, Sendable {
        package let records: [RecordRequest]?

        /// - Throws: `BodyFault.mistyped`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            let objects = fields.objects("records")
            try fields.checkTypes()
            var records: [RecordRequest] = []
            for object in objects ?? [] { records.append(try RecordRequest(reading: object)) }
            self.records = objects == nil ? nil : records
        }
    }

    /// The body of `POST /v1/domains/{id}/dns/import`.
    package struct ImportZone: Hashable, Sendable {
        package let zoneFile: String?

        /// - Throws: `BodyFault.mistyped`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            zoneFile = fields.string("zone_file")
            try fields.checkTypes()
        }
    }

    /// The body of `POST /v1/domains/{id}/dns/revert`.
    package struct RevertZone: Hashable, Sendable {
        package let version: Int64?

        /// - Throws: `BodyFault.mistyped`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            version = fields.integer("version")
            try fields.checkTypes()
        }
    }
}
