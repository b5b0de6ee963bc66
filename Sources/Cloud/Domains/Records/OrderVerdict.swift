/// Judges one order part by part, so that all its faults are told at once.
struct OrderVerdict {
    private let order: RecordOrder
    private let names: RecordNames
    /// What is wrong, by field.
    private(set) var faults: [String: String] = [:]

    init(_ order: RecordOrder, in names: RecordNames) {
        self.order = order
        self.names = names
    }

    /// Nil once something is wrong.
    mutating func set() -> RecordSet? {
        let type = judgedType()
        let name = judgedName(for: type)
        let ttl = judgedTTL()
        let values = type.flatMap { judgedValues(of: $0) } ?? []
        guard faults.isEmpty, let type, let name else { return nil }
        let set = RecordSet(name: name, type: type, ttl: ttl, uniquing: values)
        if let fault = set.fault {
            faults[order.values == nil ? "value" : "values"] = fault
            return nil
        }
        return set
    }

    private mutating func judgedType() -> RecordType? {
        guard let text = order.type else {
            faults["type"] = "is required; it \(RecordType.rule)"
            return nil
        }
        let type = RecordType(rawValue: text.uppercased())
        if type == nil { faults["type"] = RecordType.refusal(of: text) }
        return type
    }

    private mutating func judgedName(for type: RecordType?) -> String? {
        guard let text = order.name else {
            faults["name"] = "is required: give @ for \(names.zone) itself"
            return nil
        }
        do {
            return try names.owner(typed: text, of: type)
        } catch {
            faults["name"] = error.sentence
            return nil
        }
    }

    private mutating func judgedTTL() -> Int {
        guard let ttl = order.ttl else { return RecordRules.defaultTTL }
        if !RecordRules.ttls.contains(ttl) {
            faults["ttl"] = "must be \(RecordRules.ttls.lowerBound) to \(RecordRules.ttls.upperBound) seconds"
        }
        return ttl
    }

    private mutating func judgedValues(of type: RecordType) -> [String]? {
        guard isPrioritySound(for: type) else { return nil }
        if let values = order.values {
            guard order.value == nil else {
                faults["values"] = "cannot be given beside value"
                return nil
            }
            guard (1...RecordSet.mostValues).contains(values.count) else {
                faults["values"] = "must be 1 to \(RecordSet.mostValues); to remove all, delete the records"
                return nil
            }
            return values.enumerated().compactMap { value($1, of: type, field: "values.\($0)") }
        }
        guard let value = order.value else {
            faults["value"] = "is required"
            return nil
        }
        return self.value(value, of: type, field: "value").map { [$0] }
    }

    private mutating func isPrioritySound(for type: RecordType) -> Bool {
        guard let priority = order.priority else { return true }
        guard type == .mx else {
            faults["priority"] = "is for MX only"
            return false
        }
        guard (0...65_535).contains(priority) else {
            faults["priority"] = "must be 0 to 65535"
            return false
        }
        return true
    }

    private mutating func value(_ text: String, of type: RecordType, field: String) -> String? {
        let names = names
        let reader = RecordValueReader(type: type) { field throws(RecordFault) in
            guard !field.isQuoted, !field.hasEscape, let text = field.text else {
                throw RecordFault(.value, "must name a host without quotes or escapes")
            }
            return try names.target(typed: text, of: type)
        }
        do {
            return try reader.value(typed: type == .mx ? try withPriority(text) : text)
        } catch {
            faults[error.part == .priority ? "priority" : field] = error.sentence
            return nil
        }
    }

    /// The number and the name of a mail server, whichever way they came.
    private func withPriority(_ text: String) throws(RecordFault) -> String {
        let isAlone = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).count < 2
        guard let priority = order.priority else {
            if isAlone && !text.isEmpty {
                throw RecordFault(.priority, "is required for MX, as in 10; or write 10 \(Self.example(text))")
            }
            return text
        }
        guard isAlone else {
            throw RecordFault(.priority, "cannot be given beside a value that begins with one")
        }
        return "\(priority) \(text)"
    }

    private static func example(_ text: String) -> String {
        let isHost = NameSyntax.fault(in: text.lowercased(), letters: .host) == nil && text.contains(".")
        return isHost ? text : "mail.example.com"
    }
}
