import Cloud
import Fakes
import Foundation
import Kernel
import Testing

/// Holds docs/billing.md to its own figures.
@Suite struct WorkedExampleTests {
    private let calendar = BillingTerms.sydney.calendar
    private let page: String

    init() throws {
        let file = URL(filePath: #filePath).appending(path: "../../../../docs/billing.md").standardized
        page = try String(contentsOf: file, encoding: .utf8)
    }

    /// The rows below the table's first row, as their cells.
    private func table(_ heading: String) throws -> [[String]] {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = try #require(lines.firstIndex { $0.hasPrefix(heading) }, "no table \(heading)")
        return lines[(first + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
    }

    private func number(_ cell: String) throws -> Int64 {
        try #require(Int64(cell.replacing(" ", with: "")), "\(cell) is no number")
    }

    private func second(_ cell: String) throws -> Int64 {
        let date = try Date(cell, strategy: .iso8601)
        return Int64(date.timeIntervalSince1970)
    }

    private func period() throws -> Period {
        calendar.period(of: try #require(Month("2026-10")))
    }

    private struct Row {
        let span: BilledSpan
        let cells: [Int64]
    }

    private func rows() throws -> [Row] {
        let servers = ["db": "sv_0000000000000002", "web": "sv_0000000000000001"]
        return try table("| line | server |").map { cells in
            let server = try #require(servers[cells[1]].flatMap { ServerID($0) })
            let span = BilledSpan(
                id: "sp_\(cells[0])", server: server, serverName: cells[1], plan: "p", planName: "P",
                price: Money(cents: try number(cells[2])),
                startedAt: Instant(seconds: try second(cells[3])), endedAt: Instant(seconds: try second(cells[4])))
            return Row(span: span, cells: try cells[5...].map(number))
        }
    }

    @Test func theMonthsHaveThoseSeconds() throws {
        let rows = try table("| in Sydney |")
        #expect(rows.count == 5)
        for cells in rows {
            let month = try #require(Month(cells[0]))
            #expect(calendar.period(of: month).seconds == (try number(cells[1])), "\(month)")
        }
    }

    @Test func theLinesAreWhatTheFormulaeAndTheProductSay() throws {
        let (rows, period) = (try rows(), try period())
        let lines = Proration.lines(of: rows.map(\.span).reversed(), in: period)
        #expect(rows.count == 3)
        #expect(lines.map(\.span.id) == rows.map(\.span.id))
        var (exact, before) = (Int64(0), Int64(0))
        for (row, line) in zip(rows, lines) {
            let product = row.span.price.cents * line.seconds
            exact += product
            let rounded = (2 * exact + period.seconds) / (2 * period.seconds)
            #expect(row.cells == [line.seconds, product, exact, rounded, rounded - before])
            #expect(line.amount.cents == rounded - before)
            before = rounded
        }
        #expect(page.contains("**A$\(before / 100).\(before % 100)**"))
    }

    /// The fractions of a second in the story change nothing.
    @Test func theStoryIsThatOfTheTable() throws {
        let (rows, period) = (try rows(), try period())
        let web = rows[1].span.startedAt + .milliseconds(400)
        let resized = rows[1].span.endedAt
        let destroyed = try #require(rows[2].span.endedAt) + .milliseconds(900)
        let told = [
            rows[0].span.from(Instant(seconds: 0), to: nil), rows[1].span.from(web, to: resized),
            rows[2].span.from(try #require(resized), to: destroyed),
        ]
        #expect(
            Proration.lines(of: told, in: period).map(\.amount)
                == Proration.lines(of: rows.map(\.span), in: period).map(\.amount))
    }

    @Test func theTaxIsDividedAsShown() throws {
        let amounts = Proration.lines(of: try rows().map(\.span), in: try period()).map(\.amount)
        let sum = amounts.reduce(.zero, +)
        let tax = GoodsAndServicesTax.inclusive.tax(on: sum)
        let shown = try table("| line | cents | exact part |")
        #expect(try shown.map { try number($0[1]) } == amounts.map(\.cents))
        #expect(try shown.map { try number($0[3]) } == amounts.map { tax.cents * $0.cents / sum.cents })
        #expect(
            try shown.map { try number($0[4]) }
                == GoodsAndServicesTax.inclusive.parts(of: tax, over: amounts).map(\.cents))
        #expect(
            page.contains("receivable \(sum.cents - tax.cents) to revenue and receivable \(tax.cents) to gst-payable"))
        #expect(page.contains("(2 · \(sum.cents) + 11) div 22 = "))
    }
}
