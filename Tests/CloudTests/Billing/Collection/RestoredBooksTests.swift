import Cloud
import Databases
import Fakes
import Foundation
import Kernel
import Logging
import Testing

/// A database that was put back from a copy of before an invoice was issued, or its card was entered.
@Suite struct RestoredBooksTests {
    /// When the copy was made.
    enum Copied: CaseIterable, Sendable {
        case beforeTheCard
        case beforeTheInvoice
    }

    @Test(arguments: Copied.allCases, [0, 1])
    func aDatabaseFromBeforeTheClosingChargesNothingTwice(copied: Copied, declines: Int) async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await shop.test.makeAccount()
            _ = try await shop.test.run("standard", for: account, from: try Sydney.start("2026-10"))
            var copy = try self.copy(of: shop.test.database)
            try await shop.enterCard(of: account)
            if copied == .beforeTheInvoice { copy = try self.copy(of: shop.test.database) }
            for _ in 0..<declines { shop.stripe.next(.decline(code: "insufficient_funds")) }
            try await shop.test.issueOctober()
            try await days(2, shop)
            #expect(shop.stripe.paid.map(\.amount) == [3900])

            shop.stripe.forgetKeys()
            let database = try SQLiteDatabase.open(at: copy, logger: .silent)
            let second = CardShop(test: shop.test.through(database), stripe: shop.stripe, log: shop.log)
            if copied == .beforeTheCard { try await second.enterCard(of: account) }
            shop.test.time.advance(by: .seconds(3 * 86_400))
            _ = try await second.test.close("2026-10")
            try await days(2, second)
            #expect(shop.stripe.paid.count == 1 && shop.stripe.intents.count == 1 + declines)
            let payments = try await second.test.cloud.billing.payments(of: account)
            #expect(payments.map(\.reference) == shop.stripe.paid.map(\.id))
            #expect(try await second.test.balance(of: account) == [0, 0, 1])
            #expect(try await second.test.findings() == [])
            await database.close()
            try? FileManager.default.removeItem(at: URL(filePath: copy).deletingLastPathComponent())
        }
    }

    private func days(_ count: Int, _ shop: CardShop) async throws {
        for _ in 0..<count * 2 {
            try await shop.test.settle(within: .seconds(60))
            shop.test.time.advance(by: .seconds(43_200))
        }
        try await shop.test.settle(within: .seconds(60))
    }

    /// The file and its log, at a moment when nobody writes.
    private func copy(of database: any Database) throws -> String {
        let path = try #require((database as? TestDatabase)?.path)
        let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-copy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let copy = directory.appending(path: "caiport.db").path
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return copy
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func numbersThatCustomersHaveAreNotGivenAwayAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            let billing = test.cloud.billing
            #expect(try await billing.skipNumbers(to: 1042) == 1040)
            #expect(try await billing.skipNumbers(to: 1042) == 0)
            #expect(try await billing.skipNumbers(of: .adjustment, to: 8) == 7)
            for number: Int64 in [-1, 2, 1041, .max] {
                let refusal = await #expect(throws: Refusal.self) {
                    _ = try await billing.skipNumbers(to: number)
                }
                #expect(refusal?.code == .invalid)
            }
            test.pass(to: try Sydney.start("2026-12") + .seconds(3601))
            _ = try await test.close("2026-11")
            #expect(try await billing.invoices(of: account).invoices.map(\.number) == [1, 1042])
            #expect(try await test.findings() == [])
            #expect(try await Books(test).faults().filter { $0.hasPrefix("invoices") } == [])
            try await test.write("UPDATE numbers SET next = next + 1 WHERE series = 'invoice'")
            #expect(try await test.findings().map(\.kind) == [.number])
        }
    }
}
