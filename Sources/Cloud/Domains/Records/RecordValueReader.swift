/// Reads one value of a record into the form it is kept in: see `RecordSet.values`.
struct RecordValueReader {
    let type: RecordType
    /// Turns the field that names a host into an absolute name without a dot at its end.
    let target: (RecordField) throws(RecordFault) -> String

    /// - Parameter text: as a customer types it. Text for TXT is taken as it is unless it begins with a quote.
    func value(typed text: String) throws(RecordFault) -> String {
        guard !text.isEmpty else { throw RecordFault(.value, "is required") }
        if type == .txt, !text.hasPrefix("\"") {
            guard CharacterStrings.isPlain(text) else {
                throw RecordFault(.value, "has a line break or another control character; remove it")
            }
            return try Self.kept(CharacterStrings(octets: Array(text.utf8)))
        }
        let fields: [RecordField]
        do {
            fields = try RecordFieldReader.fields(of: text)
        } catch {
            throw RecordFault(.value, "cannot be read: \(error.sentence)")
        }
        guard !fields.isEmpty else { throw RecordFault(.value, "is required") }
        if type == .txt, !fields.allSatisfy(\.isQuoted) {
            throw RecordFault(
                .value, #"begins with a quote and goes on after it; a quote within text in quotes is written \""#)
        }
        return try value(of: fields)
    }

    /// - Parameter fields: of one record, at least one.
    func value(of fields: [RecordField]) throws(RecordFault) -> String {
        switch type {
        case .a: return try address(fields, "an IPv4 address such as 192.0.2.10", AddressText.version4)
        case .aaaa: return try address(fields, "an IPv6 address such as 2001:db8::10", AddressText.version6)
        case .cname:
            guard fields.count == 1 else { throw RecordFault(.value, "must be one name, such as www.example.com") }
            return try target(fields[0])
        case .txt: return try text(fields)
        case .mx: return try exchange(fields)
        case .caa: return try authority(fields)
        case .srv: return try service(fields)
        }
    }

    private func address(
        _ fields: [RecordField], _ rule: String, _ canonical: (String) -> String?
    ) throws(RecordFault) -> String {
        guard fields.count == 1, !fields[0].isQuoted, let text = fields[0].text, let address = canonical(text) else {
            throw RecordFault(.value, "must be \(rule)")
        }
        if type == .aaaa, AddressText.holdsVersion4(address) {
            throw RecordFault(.value, "must be \(rule); an IPv4 address within one goes into an A record")
        }
        return address
    }

    private func text(_ fields: [RecordField]) throws(RecordFault) -> String {
        guard fields.allSatisfy({ $0.octets.count <= CharacterStrings.longest }) else {
            throw RecordFault(
                .value, "has a string longer than 255 octets between quotes: write it without quotes, and it is split")
        }
        return try Self.kept(CharacterStrings(strings: fields.map(\.octets)))
    }

    private static func kept(_ strings: CharacterStrings) throws(RecordFault) -> String {
        guard strings.length <= CharacterStrings.mostOctets else {
            throw RecordFault(
                .value, "is longer than the \(CharacterStrings.mostOctets) octets one TXT value may have here")
        }
        return strings.presentation
    }

    private func exchange(_ fields: [RecordField]) throws(RecordFault) -> String {
        let rule = "must be a priority and the name of a mail server, such as 10 mail.example.com"
        guard fields.count == 2, let preference = Self.number(fields[0]) else { throw RecordFault(.value, rule) }
        let host = try target(fields[1])
        guard host != "." || preference == 0 else {
            throw RecordFault(.value, "must be 0 . to say that the name takes no mail (RFC 7505)")
        }
        return "\(preference) \(host)"
    }

    private func service(_ fields: [RecordField]) throws(RecordFault) -> String {
        let rule = "must be priority, weight, port and the name of a host, such as 10 5 5060 sip.example.com"
        guard fields.count == 4, let priority = Self.number(fields[0]), let weight = Self.number(fields[1]),
            let port = Self.number(fields[2])
        else { throw RecordFault(.value, rule) }
        return "\(priority) \(weight) \(port) \(try target(fields[3]))"
    }

    private func authority(_ fields: [RecordField]) throws(RecordFault) -> String {
        guard fields.count == 3, let flags = Self.number(fields[0]), !fields[1].isQuoted, let tag = fields[1].text,
            let value = fields[2].text
        else { throw RecordFault(.value, AuthorityProperty.rule) }
        return try AuthorityProperty(flags: flags, tag: tag, value: value).presentation
    }

    /// From 0 to 65535, in digits alone.
    static func number(_ field: RecordField) -> Int? {
        guard !field.isQuoted, (1...5).contains(field.octets.count), let text = field.text,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(text), number <= 65_535
        else { return nil }
        return number
    }
}
