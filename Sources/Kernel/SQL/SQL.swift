/// A value a statement can bind. The portable subset has two types and null.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
}

/// What can be written between `\(` and `)` of an `SQL` literal.
package protocol SQLBindable {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLBindable { package var sqlValue: SQLValue { self } }
extension Int64: SQLBindable { package var sqlValue: SQLValue { .integer(self) } }
extension Int: SQLBindable { package var sqlValue: SQLValue { .integer(Int64(self)) } }
extension Bool: SQLBindable { package var sqlValue: SQLValue { .integer(self ? 1 : 0) } }
extension String: SQLBindable { package var sqlValue: SQLValue { .text(self) } }
extension Instant: SQLBindable { package var sqlValue: SQLValue { .integer(microseconds) } }
extension Identifier: SQLBindable { package var sqlValue: SQLValue { .text(text) } }

/// One statement with its values. An interpolated value can only become a binding, never text:
///
///     "SELECT name FROM servers WHERE account_id = \(account) AND id = \(id)"
package struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The text around the bindings: always one piece more than there are bindings.
    package private(set) var pieces: [String]
    package private(set) var bindings: [SQLValue]

    package init(stringLiteral text: String) {
        pieces = [text]
        bindings = []
    }

    package init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
        bindings = stringInterpolation.bindings
    }

    /// A statement from a file of the project's own (the schema), never from input.
    package init(verbatim text: String) {
        pieces = [text]
        bindings = []
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces = [""]
        fileprivate var bindings: [SQLValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(interpolationCount + 1)
            bindings.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            pieces[pieces.count - 1] += literal
        }

        package mutating func appendInterpolation(_ value: some SQLBindable) {
            bindings.append(value.sqlValue)
            pieces.append("")
        }

        package mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) {
            bindings.append(value?.sqlValue ?? .null)
            pieces.append("")
        }

        /// A part of a statement, with its own bindings.
        package mutating func appendInterpolation(_ part: SQL) {
            pieces[pieces.count - 1] += part.pieces[0]
            pieces.append(contentsOf: part.pieces.dropFirst())
            bindings.append(contentsOf: part.bindings)
        }

        /// A list for `IN (…)`; an empty list becomes `NULL`, which nothing equals.
        package mutating func appendInterpolation(list values: [some SQLBindable]) {
            guard !values.isEmpty else { return appendLiteral("NULL") }
            for (index, value) in values.enumerated() {
                if index > 0 { appendLiteral(", ") }
                appendInterpolation(value)
            }
        }
    }

    /// The statement as SQLite reads it: `?` for each binding.
    package var questionMarked: String {
        pieces.joined(separator: "?")
    }

    /// The statement as PostgreSQL reads it: `$1`, `$2` … for the bindings.
    package var numbered: String {
        var text = pieces[0]
        for (index, piece) in pieces.dropFirst().enumerated() {
            text += "$\(index + 1)"
            text += piece
        }
        return text
    }
}
