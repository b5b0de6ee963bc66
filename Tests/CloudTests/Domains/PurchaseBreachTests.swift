import Cloud
import Fakes
import Kernel
import Testing

/// Something planted in the books of names behind the product's back, and who finds it.
@Suite struct PurchaseBreachTests {
    enum Breach: String, CaseIterable, Sendable {
        case invoiceMissing, invoiceOfFailed, chargeMissing, chargeTwice, chargeWrong, reversalMissing, reversalOfDone
        case orderCents, lineCents, lineName, lineYears, lineMissing, termShifted, invoiceOfStranger, monthInstead

        /// What `ledger check` calls it.
        var kinds: Set<LedgerFinding.Kind> {
            switch self {
            case .invoiceMissing: [.purchase, .counter, .unexplained]
            case .invoiceOfFailed: [.purchase, .transaction]
            case .chargeMissing, .reversalMissing: [.transaction, .counter]
            case .chargeTwice: [.unexplained, .counter]
            case .reversalOfDone: [.unexplained, .transaction]
            case .chargeWrong: [.transaction, .counter]
            case .orderCents: [.transaction, .line]
            case .lineCents: [.line, .total]
            case .lineName, .lineYears: [.line]
            case .lineMissing: [.line, .purchase]
            case .termShifted: [.period]
            case .invoiceOfStranger: [.purchase]
            case .monthInstead: [.transaction]
            }
        }

        /// Whether `check` sees it without looking at lines.
        var isCoarse: Bool {
            switch self {
            case .invoiceMissing, .invoiceOfFailed, .chargeMissing, .chargeTwice, .chargeWrong, .reversalMissing,
                .reversalOfDone, .lineCents, .lineMissing:
                true
            case .orderCents, .lineName, .lineYears, .termShifted, .invoiceOfStranger, .monthInstead: false
            }
        }

        /// What is done to sound books with one name that is had and one that was refused.
        var statements: [SQL] {
            switch self {
            case .invoiceMissing:
                [
                    "DELETE FROM invoice_purchases", "DELETE FROM receivables", "DELETE FROM invoices",
                    "UPDATE numbers SET next = 1 WHERE series = 'invoice'",
                ]
            case .invoiceOfFailed: ["UPDATE domain_orders SET state = 'failed' WHERE state = 'done'"]
            case .chargeMissing: Self.removing("domain:%")
            case .chargeTwice:
                [
                    """
                    INSERT INTO ledger_transactions (id, key, account_id, at, description)
                    SELECT 'lt_0000000000000000', key || '0', account_id, at, '' FROM ledger_transactions
                    WHERE key LIKE 'domain:%' ORDER BY key LIMIT 1
                    """,
                    """
                    INSERT INTO ledger_postings (transaction_id, position, debit, credit, cents)
                    VALUES ('lt_0000000000000000', 1, 'unbilled', 'revenue', 2195)
                    """,
                ]
            case .chargeWrong: ["UPDATE ledger_postings SET cents = 2196 WHERE debit = 'unbilled'"]
            case .reversalMissing: Self.removing("domain-reversal:%")
            case .reversalOfDone:
                [
                    """
                    UPDATE ledger_transactions SET key = 'domain-reversal:' || (
                        SELECT id FROM domain_orders WHERE state = 'done')
                    WHERE key LIKE 'domain-reversal:%' AND account_id IN (SELECT account_id FROM invoices)
                    """
                ]
            case .orderCents: ["UPDATE domain_orders SET cents = cents + 1 WHERE state = 'done'"]
            case .lineCents: ["UPDATE invoice_purchases SET cents = cents + 1"]
            case .lineName: ["UPDATE invoice_purchases SET domain = 'other.com'"]
            case .lineYears: ["UPDATE invoice_purchases SET years = 2"]
            case .lineMissing: ["DELETE FROM invoice_purchases"]
            case .termShifted: ["UPDATE invoices SET period_end = period_end + 1000000"]
            case .invoiceOfStranger:
                [
                    """
                    UPDATE invoice_purchases SET order_id = (SELECT id FROM domain_orders
                        WHERE account_id NOT IN (SELECT account_id FROM invoices) AND state = 'failed')
                    """
                ]
            case .monthInstead: ["UPDATE invoices SET kind = 'month'"]
            }
        }

        private static func removing(_ keys: String) -> [SQL] {
            [
                """
                DELETE FROM ledger_postings WHERE transaction_id IN (
                    SELECT id FROM ledger_transactions WHERE key LIKE \(keys))
                """,
                "DELETE FROM ledger_transactions WHERE key LIKE \(keys)",
            ]
        }
    }

    @Test(arguments: Breach.allCases)
    func isFound(breach: Breach) async throws {
        for kind in TestDatabase.Kind.allCases {
            try await withNamedCloud(kind) { cloud in
                let test = cloud.test
                let (account, _) = try await cloud.held()
                _ = try await cloud.register("b-refused.com", for: account)
                _ = try await cloud.register("c-refused.com", for: try await test.makeAccount())
                try await test.settle()
                #expect(try await test.findings() == [])
                #expect(try await Books(test).faults() == [])
                try await test.openBooks()
                for statement in breach.statements { try await test.write(statement) }
                let found = try await test.findings()
                let kinds = Set(found.map(\.kind))
                #expect(breach.kinds.isSubset(of: kinds), "\(found)")
                if breach.isCoarse { #expect(try await Books(test).faults() != []) }
            }
        }
    }
}
