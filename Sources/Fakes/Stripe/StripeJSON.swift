import Foundation

/// A JSON value of the fake's answers.
package enum StripeJSON: Encodable, Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([StripeJSON])
    case object([String: StripeJSON])

    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: StripeJSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, StripeJSON)...) {
        self = .object(Dictionary(elements) { first, _ in first })
    }

    init(_ text: String?) { self = text.map(StripeJSON.string) ?? .null }
    init(_ texts: [String: String]) { self = .object(texts.mapValues(StripeJSON.string)) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    package var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }

    /// The object with another field.
    func adding(_ name: String, _ value: StripeJSON) -> StripeJSON {
        guard case .object(var fields) = self else { return self }
        fields[name] = value
        return .object(fields)
    }
}
