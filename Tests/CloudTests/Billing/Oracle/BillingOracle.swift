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

        init(_ customer: BusinessYear.Customer) {
            id = customer.id.text
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

    /// Runs the script to its end; what it says goes through a file, which is never full as a pipe may be.
    private static func run(_ words: [String], given document: Data? = nil) async throws -> [String] {
        let script = URL(filePath: #filePath).appending(path: "../../../../../scripts/billing_oracle.py").standardized
        let work = FileManager.default.temporaryDirectory.appending(path: "caiport-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: work) }
        let (given, output) = (work.appending(path: "given.json"), work.appending(path: "output"))
        if let document { try document.write(to: given) }
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        defer { try? handle.close() }
        let arguments = [script.path()] + words + (document == nil ? [] : [given.path()])
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/python3")
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = handle
            process.standardError = handle
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        try #require(status == 0, "\(text.suffix(2_000))")
        return text.split(separator: "\n").map(String.init)
    }
}
