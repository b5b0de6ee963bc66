/// Why a request's body cannot be used.
package enum BodyFault: Error, Hashable, Sendable {
    case notJSON(JSONFault)
    case notAnObject
    /// Fields of the wrong JSON type, each with what it should be: `must be a string`.
    case mistyped([String: String])
    /// Required fields that are absent or null.
    case missing([String])
}

/// The fields of a request's body, read one by one.
///
/// `null` means absent and unknown fields are ignored. Reading notes every fault and goes on, so that a
/// client learns of all of them at once: read everything, then call `checkTypes` and `checkPresence`.
package struct RequestFields: Sendable {
    private let members: [JSONValue.Member]
    /// What stands before the names of fields where faults are told: `contact.` within the object `contact`.
    private let path: String
    private var mistyped: [String: String] = [:]
    private var missing: [String] = []

    /// - Throws: `BodyFault.notJSON`, `BodyFault.notAnObject`.
    package init(parsing bytes: [UInt8]) throws(BodyFault) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw .notJSON(error)
        }
        guard case .object(let members) = value else { throw .notAnObject }
        self.members = members
        path = ""
    }

    private init(_ members: [JSONValue.Member], within path: String) {
        self.members = members
        self.path = path
    }

    package mutating func string(_ name: String) -> String? {
        switch self[name] {
        case .string(let value): return value
        case nil: return nil
        default: return wrong(name, "must be a string")
        }
    }

    package mutating func integer(_ name: String) -> Int64? {
        switch self[name] {
        case .integer(let value): return value
        case nil: return nil
        default: return wrong(name, "must be a whole number")
        }
    }

    package mutating func bool(_ name: String) -> Bool? {
        switch self[name] {
        case .bool(let value): return value
        case nil: return nil
        default: return wrong(name, "must be true or false")
        }
    }

    package mutating func strings(_ name: String) -> [String]? {
        guard let value = self[name] else { return nil }
        guard case .array(let elements) = value else { return wrong(name, "must be a list of strings") }
        var strings: [String] = []
        for element in elements {
            guard case .string(let text) = element else { return wrong(name, "must be a list of strings") }
            strings.append(text)
        }
        return strings
    }

    /// The fields of each object of a list; their faults are told as `name.0.field`, counted from 0.
    package mutating func objects(_ name: String) -> [RequestFields]? {
        guard let value = self[name] else { return nil }
        guard case .array(let elements) = value else { return wrong(name, "must be a list of objects") }
        var objects: [RequestFields] = []
        for (place, element) in elements.enumerated() {
            guard case .object(let members) = element else { return wrong(name, "must be a list of objects") }
            objects.append(RequestFields(members, within: "\(path)\(name).\(place)."))
        }
        return objects
    }

    /// The fields of an object, whose faults are told as `name.field`; none where it is absent, which `checkPresence`
    /// reports.
    package mutating func requiredObject(_ name: String) -> RequestFields {
        switch self[name] {
        case .object(let members): return RequestFields(members, within: "\(path)\(name).")
        case nil: missing.append(path + name)
        default: mistyped[path + name] = "must be an object"
        }
        return RequestFields([], within: "\(path)\(name).")
    }

    /// The field's text; the empty string where it is absent, which `checkPresence` reports.
    package mutating func requiredString(_ name: String) -> String {
        if let value = string(name) { return value }
        if self[name] == nil { missing.append(path + name) }
        return ""
    }

    /// - Throws: `BodyFault.mistyped` if any field read so far had another type.
    package func checkTypes() throws(BodyFault) {
        if !mistyped.isEmpty { throw .mistyped(mistyped) }
    }

    /// - Throws: `BodyFault.missing` if any required field read so far was absent.
    package func checkPresence() throws(BodyFault) {
        if !missing.isEmpty { throw .missing(missing) }
    }

    private subscript(name: String) -> JSONValue? {
        let value = members.first { $0.name == name }?.value
        return value == .null ? nil : value
    }

    private mutating func wrong<Value>(_ name: String, _ rule: String) -> Value? {
        mistyped[path + name] = rule
        return nil
    }
}
