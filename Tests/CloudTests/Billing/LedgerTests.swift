import Cloud
import Fakes
import Foundation
import Kernel
import Testing

/// The books: proof, and a table for an accountant.
@Suite struct LedgerTests {
    /// Two invoices, a payment of the first and an adjustment of the second.
    private func soundBooks(in test: TestCloud) async throws -> AccountID {
        let account = try await test.makeAccount()
        _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
        test.pass(to: try Sydney.start("2026-12") + .seconds(3600))
        _ = try await test.close("2026-11")
        _ = try await test.pay(3900, "paid", for: account)
        let second = try await test.invoice(of: account, "2026-11").summary.id
        _ = try await test.cloud.billing.adjust(
            second, by: Money(cents: 1000), because: "=HYPERLINK(\"x\"), \"quoted\"", by: test.requester(account))
        return account
    }

    @Test(arguments: LedgerBreach.allCases, TestDatabase.Kind.allCases)
    func findsWhatDoesNotAddUp(breach: LedgerBreach, kind: TestDatabase.Kind) async throws {
        // On PostgreSQL, where a database takes long to make, one of four unless all is asked for.
        let number = LedgerBreach.allCases.firstIndex(of: breach) ?? 0
        guard kind == .sqlite || FaultLedger.isFullSize || number % 4 == 0 else { return }
        try await withTestCloud(kind) { test in
            _ = try await soundBooks(in: test)
            #expect(try await test.findings() == [])
            try await test.openBooks()
            try await test.database.commit([
                Write("test.off", touching: Write.anyNumber, "DELETE FROM mails")
            ])
            for statement in breach.statements { try await test.write(statement) }
            let found = try await test.findings()
            #expect(found.contains { $0.kind == breach.kind }, "\(found)")
        }
    }

    @Test func everyKindOfFindingHasItsBreach() {
        #expect(Set(LedgerBreach.allCases.map(\.kind)) == Set(LedgerFinding.Kind.allCases))
    }

    @Test(arguments: ["books", "invoices"])
    func checkSeesTheCoarseOnes(invariant: String) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await soundBooks(in: test)
            try await test.openBooks()
            try await test.write(
                invariant == "books"
                    ? "UPDATE accounts SET owed_cents = owed_cents + 1 WHERE id = \(account)"
                    : "UPDATE invoice_lines SET cents = cents + 1")
            let broken = try await test.cloud.check(pauses: []).verdicts.filter { $0.status == .broken }
            #expect(broken.map(\.id) == [invariant])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theExportIsATableThatSumsToZero(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await soundBooks(in: test)
            let text = try await export(test, from: "2026-07-01", to: "2027-06-30")
            let table = CSVReader.rows(of: text)
            #expect(
                table[0] == [
                    "date", "transaction", "key", "email", "account", "description", "debit", "credit", "amount",
                    "received_at", "reference", "invoice",
                ])
            #expect(table.allSatisfy { $0.count == 12 })
            let rows = table.dropFirst()
            #expect(rows.allSatisfy { $0[4] == account.text && $0[0] == "2026-12-01" })
            var balances: [String: Int] = [:]
            for row in rows {
                let cents = try #require(Int(row[8].replacing(".", with: "")))
                balances[row[6], default: 0] += cents
                balances[row[7], default: 0] -= cents
            }
            #expect(balances.values.reduce(0, +) == 0)
            #expect(balances["receivable"] == 2900 && balances["processor-clearing"] == 3900)
            #expect(balances["revenue"] == -(2 * 3545 - 909) && balances["gst-payable"] == -(2 * 355 - 91))
            let payment = try #require(rows.first { $0[2].hasPrefix("payment:") })
            #expect(payment[9...] == ["2026-12-01", "paid", "1"])
            #expect(rows.filter { $0[2].hasPrefix("invoice:") }.map { $0[11] }.sorted() == ["1", "1", "2", "2"])
            #expect(rows.filter { $0[2].hasPrefix("adjustment:") }.allSatisfy { $0[11] == "2" && $0[10] == "" })
            #expect(text.contains("39.00") && rows.contains { $0[5].hasSuffix("\"quoted\"") })
            #expect(try await export(test, from: "2026-07-01", to: "2026-11-30").split(separator: "\r\n").count == 1)
            await #expect(throws: Refusal.self) { try await export(test, from: "2026-02-30", to: "2026-11-30") }
        }
    }

    private func export(_ test: TestCloud, from: String, to: String) async throws -> String {
        let text = Text()
        try await test.cloud.billing.exportLedger(from: from, to: to) { text.lines += $0 }
        return text.lines
    }

    private final class Text {
        var lines = ""
    }

    @Test func aCellIsNeverAFormula() {
        #expect(
            CSVLine.text(["=1+1", "+1", "-1", "@x", "a,b", "say \"so\"", "-3.50"])
                == "'=1+1,'+1,-1,'@x,\"a,b\",\"say \"\"so\"\"\",-3.50\r\n")
        #expect(CSVLine.text(["-cmd"]) == "'-cmd\r\n")
        #expect(CSVLine.amount(Money(cents: 3905)) == "39.05" && CSVLine.amount(Money(cents: -5)) == "-0.05")
    }
}

/// Reads what RFC 4180 describes.
enum CSVReader {
    static func rows(of text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch (byte, isQuoted) {
            case (UInt8(ascii: "\""), true) where place < bytes.count && bytes[place] == UInt8(ascii: "\""):
                cell.append(byte)
                place += 1
            case (UInt8(ascii: "\""), _): isQuoted.toggle()
            case (UInt8(ascii: ","), false):
                row.append(String(decoding: cell, as: UTF8.self))
                cell = []
            case (UInt8(ascii: "\n"), false):
                row.append(String(decoding: cell, as: UTF8.self))
                rows.append(row)
                (row, cell) = ([], [])
            case (UInt8(ascii: "\r"), false): break
            default: cell.append(byte)
            }
        }
        return rows
    }
}
