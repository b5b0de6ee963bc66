/// What goes to and comes from PowerDNS's API.
enum PowerDNSObject {
    /// The engine itself.
    struct Server: Decodable {
        let id: String
    }

    struct Zone: Decodable {
        let name: String
        let attributes: Attributes
        let isSigned: Bool
        let serial: UInt32
        /// Only where one zone was asked for.
        let sets: [Set]?

        private enum CodingKeys: String, CodingKey {
            case name, serial
            case isSigned = "dnssec"
            case sets = "rrsets"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decode(String.self, forKey: .name)
            serial = try container.decodeIfPresent(UInt32.self, forKey: .serial) ?? 0
            isSigned = try container.decodeIfPresent(Bool.self, forKey: .isSigned) ?? false
            sets = try container.decodeIfPresent([Set].self, forKey: .sets)
            attributes = try Attributes(from: decoder)
        }
    }

    /// What a zone is to the engine, apart from its records.
    struct Attributes: Codable, Hashable {
        var kind: String
        /// Whose the zone is.
        var account: String?
        /// The catalog zone it is a member of; nil for none, as where the engine knows no such thing.
        var catalog: String?
        /// How the engine changes the serial when it is told of changes.
        var serialOnChange: String?
        /// How the engine changes the serial when it answers.
        var serialOnAnswer: String?
        var isRectified: Bool?

        private enum CodingKeys: String, CodingKey {
            case kind, account, catalog
            case serialOnChange = "soa_edit_api"
            case serialOnAnswer = "soa_edit"
            case isRectified = "api_rectify"
        }
    }

    struct Set: Codable {
        let name: String
        let type: String
        var ttl: Int?
        var change: String?
        var records: [Record]?

        private enum CodingKeys: String, CodingKey {
            case name, type, ttl, records
            case change = "changetype"
        }
    }

    struct Record: Codable {
        let content: String
        let disabled: Bool
    }

    struct NewZone: Encodable {
        let name: String
        let attributes: Attributes
        let sets: [Set]

        private enum CodingKeys: String, CodingKey {
            case name
            case sets = "rrsets"
        }

        func encode(to encoder: any Encoder) throws {
            try attributes.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(sets, forKey: .sets)
        }
    }

    struct Changes: Encodable {
        let sets: [Set]

        private enum CodingKeys: String, CodingKey {
            case sets = "rrsets"
        }
    }

    struct NewKey: Encodable {
        let keytype = "csk"
        let active = true
        let published = true
        // What RFC 8624 recommends, and the default of PowerDNS: small signatures.
        let algorithm = "ECDSAP256SHA256"
    }

    struct Key: Decodable {
        let id: Int
        let active: Bool
        let ds: [String]?
    }

    struct Statistic: Decodable {
        let name: String
        let value: String
    }

    struct Failure: Decodable {
        let error: String
    }
}
