import Synchronization

/// One row of an answer; columns are read by name.
package struct Row: Sendable {
    private let columns: Columns
    private let values: [SQLValue]

    /// The names of an answer's columns, shared by its rows.
    package final class Columns: Sendable {
        package let names: [String]
        /// Behind the column that was asked for last. Readers ask in the order of their query, so the next one
        /// is most often right there. Only a hint: a race over it costs a longer search.
        private let hint = Atomic(0)

        package init(_ names: [String]) {
            self.names = names
        }

        func position(of column: String) -> Int? {
            let start = hint.load(ordering: .relaxed)
            for offset in 0..<names.count {
                let place = start + offset < names.count ? start + offset : start + offset - names.count
                guard names[place] == column else { continue }
                hint.store(place + 1 < names.count ? place + 1 : 0, ordering: .relaxed)
                return place
            }
            return nil
        }
    }

    package init(columns: Columns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// A column that is missing or of another type: the query and its reader disagree, which is our own mistake.
    package struct Mismatch: Error, CustomStringConvertible {
        package let column: String
        package let expected: String

        package var description: String { "column \(column) is not \(expected)" }
    }

    package func text(_ column: String) throws -> String {
        guard case .text(let value)? = self[column] else { throw Mismatch(column: column, expected: "text") }
        return value
    }

    package func optionalText(_ column: String) throws -> String? {
        switch self[column] {
        case .null?: return nil
        case .text(let value)?: return value
        default: throw Mismatch(column: column, expected: "text")
        }
    }

    package func integer(_ column: String) throws -> Int64 {
        guard case .integer(let value)? = self[column] else { throw Mismatch(column: column, expected: "an integer") }
        return value
    }

    package func optionalInteger(_ column: String) throws -> Int64? {
        switch self[column] {
        case .null?: return nil
        case .integer(let value)?: return value
        default: throw Mismatch(column: column, expected: "an integer")
        }
    }

    package func int(_ column: String) throws -> Int {
        Int(try integer(column))
    }

    package func bool(_ column: String) throws -> Bool {
        try integer(column) != 0
    }

    package func instant(_ column: String) throws -> Instant {
        Instant(microseconds: try integer(column))
    }

    package func optionalInstant(_ column: String) throws -> Instant? {
        try optionalInteger(column).map(Instant.init(microseconds:))
    }

    package func identifier<Kind>(
        _ column: String, as kind: Identifier<Kind>.Type = Identifier<Kind>.self
    ) throws -> Identifier<Kind> {
        guard let identifier = Identifier<Kind>(try text(column)) else {
            throw Mismatch(column: column, expected: "a \(Kind.prefix)_ identifier")
        }
        return identifier
    }

    /// A column that holds one of an enum's raw values.
    package func value<Value: RawRepresentable<String>>(_ column: String, as type: Value.Type = Value.self) throws
        -> Value
    {
        guard let value = Value(rawValue: try text(column)) else {
            throw Mismatch(column: column, expected: "a known \(Value.self)")
        }
        return value
    }

    /// Nil when there is no such column.
    package subscript(column: String) -> SQLValue? {
        columns.position(of: column).map { values[$0] }
    }
}
