extension Wire {
    /// A moment as the API shows it: RFC 3339 in UTC with whole seconds, `2026-11-23T07:38:10Z`.
    package struct Timestamp: JSONWritable, Hashable {
        /// Since 1970-01-01T00:00:00Z.
        package let seconds: Int64

        package init(seconds: Int64) {
            self.seconds = seconds
        }

        /// The same without quotes, for people.
        package var text: String {
            var writer = JSONWriter()
            write(to: &writer)
            return String(decoding: writer.bytes.dropFirst().dropLast(), as: UTF8.self)
        }

        /// Writes the digits straight into the answer: a list of servers has dozens of these.
        ///
        /// The civil date is Howard Hinnant's `civil_from_days`
        /// (http://howardhinnant.github.io/date_algorithms.html).
        package func write(to writer: inout JSONWriter) {
            let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
            let second = seconds - day * 86_400
            let shifted = day + 719_468
            let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
            let dayOfEra = shifted - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let monthFromMarch = (5 * dayOfYear + 2) / 153
            let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
            let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
            writer.quoted(atMost: 20) { room in
                room.put(twoDigits: year / 100)
                room.put(twoDigits: year % 100, before: "-")
                room.put(twoDigits: month, before: "-")
                room.put(twoDigits: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, before: "T")
                room.put(twoDigits: second / 3600, before: ":")
                room.put(twoDigits: second / 60 % 60, before: ":")
                room.put(twoDigits: second % 60, before: "Z")
            }
        }
    }
}

extension JSONWriter.Room {
    fileprivate mutating func put(twoDigits value: Int64) {
        put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10 % 10))
        put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    fileprivate mutating func put(twoDigits value: Int64, before mark: Unicode.Scalar) {
        put(twoDigits: value)
        put(UInt8(ascii: mark))
    }
}
