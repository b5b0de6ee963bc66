/// Follows a master file entry by entry.
struct ZoneFileReader {
    private let names: RecordNames
    private var origin: ZoneFileOrigin
    private var defaultTTL: Int?
    private var lastTTL: Int?
    /// The owner of the entry before; nil where that could not be read.
    private var owner: String?

    private(set) var gathered = RecordGathering()
    private(set) var notices: [ImportedZone.Notice] = []
    private(set) var faults: [ZoneFileFault] = []
    private var valueCount = 0

    private static let mostNotices = 100

    init(zone: DomainName, names: any NameRules) {
        self.names = RecordNames(zone: zone, rules: names)
        origin = ZoneFileOrigin(name: zone.text, names: self.names)
    }

    /// Reads to the end, or until there are enough faults to mend the file by.
    mutating func read(_ text: String) {
        var entries = ZoneFileEntries(text)
        do {
            while faults.count < RecordRules.mostFaults, let entry = try entries.next() {
                try follow(entry)
            }
        } catch {
            faults.append(error)
        }
    }

    private mutating func follow(_ entry: ZoneFileEntry) throws(ZoneFileFault) {
        let isDirective = !entry.isIndented && entry.fields[0].text?.hasPrefix("$") ?? false
        do throws(RecordFault) {
            try isDirective ? direct(entry) : record(entry)
        } catch {
            let part = error.part == .value ? "the value " : error.part == .name ? "the name " : ""
            faults.append(ZoneFileFault(line: entry.line, sentence: part + error.sentence))
        }
        // Nothing of what comes would be kept.
        if valueCount > ZoneRecords.mostValues {
            throw ZoneFileFault(
                line: entry.line, sentence: "is one record more than the \(ZoneRecords.mostValues) of a zone")
        }
    }

    private mutating func direct(_ entry: ZoneFileEntry) throws(RecordFault) {
        let directive = entry.fields[0].text?.uppercased() ?? ""
        switch directive {
        case "$ORIGIN" where entry.fields.count == 2:
            let name = try origin.absolute(entry.fields[1], part: .name)
            if name != ".", let fault = NameSyntax.fault(in: name, letters: .withUnderscore) {
                throw RecordFault(.name, fault)
            }
            origin.name = name == "." ? "" : name
        case "$TTL" where entry.fields.count == 2:
            guard let ttl = ZoneFileTTL.seconds(entry.fields[1]) else {
                throw RecordFault(.ttl, "$TTL must be followed by seconds, or by a time such as 1h30m")
            }
            defaultTTL = ttl
        case "$ORIGIN", "$TTL":
            throw RecordFault(.type, "\(directive) must be followed by one field")
        case "$INCLUDE":
            throw RecordFault(.type, "$INCLUDE cannot be followed: put what the other file says in its place")
        case "$GENERATE":
            throw RecordFault(.type, "$GENERATE cannot be followed: write the records out")
        default:
            throw RecordFault(.type, "there is no such directive")
        }
    }

    private mutating func record(_ entry: ZoneFileEntry) throws(RecordFault) {
        var fields = entry.fields[...]
        if !entry.isIndented {
            owner = nil
            let field = fields.removeFirst()
            owner = try origin.absolute(field, part: .name)
        }
        guard let owner else { throw RecordFault(.name, "is left out, and no record before has one") }
        let head = try RecordHead(taking: &fields)
        if let ttl = head.ttl { lastTTL = ttl }
        if isTheNameServices(head.type, at: owner) {
            notice(entry.line, "\(head.type) was skipped: the name service keeps its own")
            return
        }
        guard let type = RecordType(rawValue: head.type) else {
            throw RecordFault(.type, "the type \(RecordType.refusal(of: head.type))")
        }
        guard !fields.isEmpty else { throw RecordFault(.value, "is missing") }
        // Not this reader itself: what holds a second copy of all it has read makes every record copy it.
        let reader = RecordValueReader(type: type) { [names, origin] field throws(RecordFault) in
            try names.target(absolute: try origin.absolute(field, part: .value), of: type)
        }
        let value = try reader.value(of: Array(fields))
        let name = try names.owner(absolute: owner, of: type)
        let ttl = head.ttl ?? defaultTTL ?? lastTTL ?? RecordRules.defaultTTL
        keep(RecordSet(name: name, type: type, ttl: taken(ttl, on: entry.line), values: [value]), from: entry.line)
    }

    private mutating func keep(_ set: RecordSet, from line: Int) {
        valueCount += 1
        guard let other = gathered.add(set) else { return }
        gathered.lower(set.key, to: set.ttl)
        notice(line, "\(set.type.rawValue) at \(set.name) has one TTL, the shorter: \(min(other, set.ttl))")
    }

    /// Within our bounds.
    private mutating func taken(_ ttl: Int, on line: Int) -> Int {
        let taken = min(max(ttl, RecordRules.ttls.lowerBound), RecordRules.ttls.upperBound)
        if taken != ttl { notice(line, "the TTL \(ttl) became \(taken)") }
        return taken
    }

    private func isTheNameServices(_ type: String, at owner: String) -> Bool {
        switch type {
        case "SOA": true
        case "NS": owner == names.zone.text
        case "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY", "CDS", "CDNSKEY": true
        default: false
        }
    }

    private mutating func notice(_ line: Int, _ sentence: String) {
        guard notices.count < Self.mostNotices else { return }
        notices.append(ImportedZone.Notice(line: line, sentence: sentence))
    }
}

/// What relative names of a file stand below.
private struct ZoneFileOrigin {
    /// Empty for the root.
    var name: String
    let names: RecordNames

    /// A name with what it stands below, without a dot at its end; `.` for the root.
    func absolute(_ field: RecordField, part: RecordFault.Part) throws(RecordFault) -> String {
        guard !field.isQuoted, !field.hasEscape, let text = field.text else {
            throw RecordFault(part, "is a name, which cannot have quotes or backslashes")
        }
        if text == "." { return text }
        if text == "@" { return name.isEmpty ? "." : name }
        let canonical = try names.canonical(text, part: part)
        return text.hasSuffix(".") || name.isEmpty ? canonical : "\(canonical).\(name)"
    }
}

/// What stands between a record's owner and its value: a class and a TTL, in either order or left out, and the type.
private struct RecordHead {
    var ttl: Int?
    /// In capitals; any of the world's.
    var type = ""

    init(taking fields: inout ArraySlice<RecordField>) throws(RecordFault) {
        var hasClass = false
        while let field = fields.popFirst() {
            let word = field.isQuoted || field.hasEscape ? "" : field.text?.uppercased() ?? ""
            if ttl == nil, let seconds = ZoneFileTTL.seconds(field) {
                ttl = seconds
            } else if !hasClass, word == "IN" {
                hasClass = true
            } else if ["CH", "HS", "CS", "ANY"].contains(word) {
                throw RecordFault(.type, "the class must be IN")
            } else {
                type = word
                return
            }
        }
        throw RecordFault(.type, "the type is missing")
    }
}
