/// Writes compact JSON as UTF-8, in the order it is told: keys keep their order, nulls are written, `/` is
/// not escaped, text outside ASCII goes out as it is.
///
/// Hand-written because answers are: a general encoder takes seven times as long for a list of servers,
/// loses the order of keys and drops nulls.
package struct JSONWriter: Sendable {
    /// The text, and room for more behind it.
    private var storage: [UInt8]
    private var count = 0
    /// Whether the next key or value stands behind another one.
    private var follows = false

    package init(capacity: Int = 512) {
        storage = Array(repeating: 0, count: max(64, capacity))
    }

    /// A copy of what has been written so far.
    package var bytes: [UInt8] { Array(storage[..<count]) }

    /// What was written, without a copy.
    package consuming func finish() -> [UInt8] {
        storage.removeLast(storage.count - count)
        return storage
    }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        enclose(UInt8(ascii: "["), UInt8(ascii: "]"), elements)
    }

    /// A member's name; the next call writes its value. The name is our own and needs no escape.
    package mutating func key(_ name: StaticString) {
        write(atMost: name.utf8CodeUnitCount + 3) { room in
            room.put(UInt8(ascii: "\""))
            name.withUTF8Buffer { room.put($0) }
            room.put(UInt8(ascii: "\""))
            room.put(UInt8(ascii: ":"))
        }
        follows = false
    }

    /// A member's name that is only known at run time, escaped where it must be.
    package mutating func key(_ name: String) {
        string(name)
        follows = false
        write(atMost: 1) { $0.put(UInt8(ascii: ":")) }
        follows = false
    }

    package mutating func null() {
        literal("null")
    }

    package mutating func bool(_ value: Bool) {
        literal(value ? "true" : "false")
    }

    package mutating func integer(_ value: Int64) {
        write(atMost: 20) { $0.put(decimal: value) }
    }

    /// A number as JSON spells it; the text comes from the parser, which has checked it.
    mutating func number(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            write(atMost: bytes.count) { $0.put(bytes) }
        }
    }

    package mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { bytes in
            // The longest escape, `\u0000`, is six bytes for one.
            write(atMost: bytes.count * 6 + 2) { room in
                room.put(UInt8(ascii: "\""))
                room.put(escaping: bytes)
                room.put(UInt8(ascii: "\""))
            }
        }
    }

    /// Text of our own in quotes, digits and letters only: written without a look at each byte.
    mutating func quoted(atMost most: Int, _ body: (inout Room) -> Void) {
        write(atMost: most + 2) { room in
            room.put(UInt8(ascii: "\""))
            body(&room)
            room.put(UInt8(ascii: "\""))
        }
    }

    private mutating func literal(_ text: StaticString) {
        write(atMost: text.utf8CodeUnitCount) { room in
            text.withUTF8Buffer { room.put($0) }
        }
    }

    private mutating func enclose(_ open: UInt8, _ close: UInt8, _ content: (inout JSONWriter) -> Void) {
        write(atMost: 1) { $0.put(open) }
        follows = false
        content(&self)
        follows = false
        write(atMost: 1) { $0.put(close) }
    }

    /// Writes up to `most` bytes, after the comma where one is due. One check for room and one for uniqueness
    /// serve all of them; appending byte by byte takes three times as long.
    private mutating func write(atMost most: Int, _ body: (inout Room) -> Void) {
        if storage.count - count <= most {
            storage.append(contentsOf: repeatElement(0, count: max(most + 1, storage.count)))
        }
        let (start, isBehindAnother) = (count, follows)
        count = storage.withUnsafeMutableBufferPointer { bytes in
            var room = Room(bytes: bytes, position: start)
            if isBehindAnother { room.put(UInt8(ascii: ",")) }
            body(&room)
            return room.position
        }
        follows = true
    }

    /// The place where the text goes on.
    struct Room {
        fileprivate let bytes: UnsafeMutableBufferPointer<UInt8>
        fileprivate var position: Int
    }
}

extension JSONWriter.Room {
    mutating func put(_ byte: UInt8) {
        bytes[position] = byte
        position += 1
    }

    mutating func put(_ source: UnsafeBufferPointer<UInt8>) {
        let target = UnsafeMutableBufferPointer(rebasing: bytes[position...])
        position += target.update(fromContentsOf: source)
    }

    /// The number in decimal, without a string in between.
    mutating func put(decimal value: Int64) {
        if value < 0 { put(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var divisor: UInt64 = 1
        while rest / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(ascii: "0") + UInt8(rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// Copies what needs no escape in one piece: nearly always the whole text.
    mutating func put(escaping text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for index in text.indices {
            let byte = text[index]
            if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { continue }
            put(UnsafeBufferPointer(rebasing: text[start..<index]))
            put(escapeOf: byte)
            start = index + 1
        }
        put(UnsafeBufferPointer(rebasing: text[start...]))
    }

    private mutating func put(escapeOf byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: put(UInt8(ascii: "b"))
        case 0x09: put(UInt8(ascii: "t"))
        case 0x0A: put(UInt8(ascii: "n"))
        case 0x0C: put(UInt8(ascii: "f"))
        case 0x0D: put(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        default:
            for digit in [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0"), hex(byte >> 4), hex(byte & 15)] {
                put(digit)
            }
        }
    }

    private func hex(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension JSONWriter {
    package mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func field(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    package mutating func field(_ name: StaticString, _ value: Int64) {
        key(name)
        integer(value)
    }

    package mutating func field(_ name: StaticString, _ value: Int) {
        key(name)
        integer(Int64(value))
    }

    package mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    package mutating func field(_ name: StaticString, _ value: some JSONWritable) {
        key(name)
        value.write(to: &self)
    }

    package mutating func field(_ name: StaticString, _ value: (some JSONWritable)?) {
        key(name)
        if let value { value.write(to: &self) } else { null() }
    }

    package mutating func field(_ name: StaticString, _ values: [String]) {
        key(name)
        array { writer in
            for value in values { writer.string(value) }
        }
    }
}
