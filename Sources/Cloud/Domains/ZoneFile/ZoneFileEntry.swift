/// One entry of a master file: a directive or a record, which parentheses may spread over lines.
struct ZoneFileEntry {
    /// The one it begins on, counted from 1.
    let line: Int
    /// Whether it begins with white space, and so leaves out its owner.
    let isIndented: Bool
    /// At least one.
    let fields: [RecordField]
}

/// What is wrong on a line, in words for its sender.
struct ZoneFileFault: Error {
    let line: Int
    let sentence: String
}

/// Takes a master file apart (RFC 1035 §5.1).
struct ZoneFileEntries {
    private var reader: RecordFieldReader
    private var line = 1

    init(_ text: String) {
        let octets = Array(text.utf8)
        // What editors of Windows put before a file.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        reader = RecordFieldReader(
            octets, from: octets.starts(with: mark) ? mark.count : 0,
            wordsEndAt: [UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")")])
    }

    /// The next entry; nil at the end of the file.
    ///
    /// - Throws: `ZoneFileFault` where nothing after it can be told apart.
    mutating func next() throws(ZoneFileFault) -> ZoneFileEntry? {
        while reader.next != nil {
            let start = line
            let isIndented = reader.next.map(RecordFieldReader.isBlank) ?? false
            let fields = try fieldsOfEntry()
            if !fields.isEmpty { return ZoneFileEntry(line: start, isIndented: isIndented, fields: fields) }
        }
        return nil
    }

    private mutating func fieldsOfEntry() throws(ZoneFileFault) -> [RecordField] {
        let start = line
        var fields: [RecordField] = []
        var depth = 0
        while true {
            reader.skipBlanks()
            switch reader.next {
            case nil where depth > 0:
                throw ZoneFileFault(line: start, sentence: "a parenthesis is opened and never closed")
            case nil:
                return fields
            case UInt8(ascii: "\r"):
                reader.skip()
            case UInt8(ascii: "\n"):
                reader.skip()
                line += 1
                if depth == 0 { return fields }
            case UInt8(ascii: ";"):
                while let next = reader.next, next != UInt8(ascii: "\n") { reader.skip() }
            case UInt8(ascii: "("):
                reader.skip()
                depth += 1
            case UInt8(ascii: ")"):
                reader.skip()
                depth -= 1
                guard depth >= 0 else {
                    throw ZoneFileFault(line: line, sentence: "a parenthesis is closed, not opened")
                }
            default:
                fields.append(try field())
            }
        }
    }

    private mutating func field() throws(ZoneFileFault) -> RecordField {
        do {
            return try reader.field()
        } catch {
            throw ZoneFileFault(line: line, sentence: error.sentence)
        }
    }
}
