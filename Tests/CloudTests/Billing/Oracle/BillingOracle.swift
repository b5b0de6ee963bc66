import Cloud
import Fakes
import Kernel
import Foundation
import Testing

/// `scripts/billing_oracle.py`: the second opinion on what is charged, and on when months begin.
enum BillingOracle {
    /// A line for each month with a second of use, and one for each of its lines.
    static func invoices(of year: BusinessYear, tax: GoodsAndServicesTax) async throws -> [String] {
        let document = Document(
            timeZone: year.calendar.timeZone, tax: tax.rawValue, first: year.months[0].description,
            last: year.last.description, accounts: year.customers.map(Account.init))
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try await run(["invoices"], given: try encoder.encode(document))
    }

    /// A line for each order: `do_0123456789abcdef 2026-09 sum 4390 tax 399 total 4390`.
    static func invoices(
        of orders: [Order], in calendar: BillingCalendar, tax: GoodsAndServicesTax
    ) async throws -> [String] {
        let account = Account(id: "ac_0000000000000000", spans: [], orders: orders)
        let document = Document(
            timeZone: calendar.timeZone, tax: tax.rawValue, first: "2026-01", last: "2026-01", accounts: [account])
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try await run(["invoices"], given: try encoder.encode(document))
    }

    /// An order of a name, and the moment of it in microseconds since 1970.
    struct Order: Encodable {
        let id: String
        let priceCents: Int64
        let years: Int
        let orderedAt: Int64
    }

    /// `2026-10 1790776800 1793451600`: month, first second, first second after it.
    static func months(of timeZone: String, _ years: ClosedRange<Int>) async throws -> [String] {
        try await run(["months", timeZone, "\(years.lowerBound)", "\(years.upperBound)"])
    }

    /// `2026-10-04 1791036000`: each date there was, and its first second.
    static func days(of timeZone: String, _ years: ClosedRange<Int>) async throws -> [String] {
        try await run(["days", timeZone, "\(years.lowerBound)", "\(years.upperBound)"])
    }

    private struct Document: Encodable {
        let timeZone: String
        let tax: String
        let first: String
        let last: String
        let accounts: [Account]
    }

    private struct Account: Encodable {
        let id: String
        let spans: [Span]
        let orders: [Order]

        init(id: String, spans: [Span], orders: [Order]) {
            self.id = id
            self.spans = spans
            self.orders = orders
        }

        init(_ customer: BusinessYear.Customer) {
            id = customer.id.text
            orders = []
            spans = customer.spans.map { span in
                Span(
                    id: span.id, server: span.server.text, priceCents: span.price.cents,
                    startedAt: span.startedAt.microseconds, endedAt: span.endedAt?.microseconds)
            }
        }
    }

    private struct Span: Encodable {
        let id: String
        let server: String
        let priceCents: Int64
        let startedAt: Int64
        let endedAt: Int64?

        /// An open span has an end that is null, rather than none.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(server, forKey: .server)
            try container.encode(priceCents, forKey: .priceCents)
            try container.encode(startedAt, forKey: .startedAt)
            try container.encode(endedAt, forKey: .endedAt)
        }

        enum CodingKeys: String, CodingKey {
            case id, server, priceCents, startedAt, endedAt
        }
    }

    /// Runs the script to its end.
    private static func run(_ words: [String], given document: Data? = nil) async throws -> [String] {
        let given = FileManager.default.temporaryDirectory.appending(path: "caiport-oracle-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: given) }
        if let document { try document.write(to: given) }
        let arguments = words + (document == nil ? [] : [given.path(percentEncoded: false)])
        let run = try await ChildProcess.run(
            "/usr/bin/python3", [inRepository("scripts/billing_oracle.py")] + arguments, limit: .seconds(600))
        try #require(run.succeeded, "\(run.words.suffix(2_000))")
        return run.output.split(separator: "\n").map(String.init)
    }
}
