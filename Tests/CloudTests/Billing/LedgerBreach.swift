import Cloud
import Fakes
import Kernel

/// Something planted in the books behind the product's back, and what `ledger check` must call it.
enum LedgerBreach: String, CaseIterable, Sendable {
    case lineAmount, linePlan, lineTime, lineMissing, lineTax, spanPrice, invoiceSum, invoiceTax, invoiceTotal
    case periodShifted, transactionMissing, postingChanged, paymentPosting, strangeTransaction, settlementMissing
    case settlementMeans, openAmount, settledUnsaid, adjustmentTax, adjustmentTooLarge, owedCounter, creditCounter
    case invoiceNumber, adjustmentNumber, monthUnbilled, useBeforeTheFirstMonth, monthMissing, fenceLow
    case serverCost, purchaseUnbilled, reversalInvented

    var kind: LedgerFinding.Kind {
        switch self {
        case .lineAmount, .linePlan, .lineTime, .lineMissing, .lineTax, .spanPrice: .line
        case .invoiceSum, .invoiceTax, .invoiceTotal: .total
        case .periodShifted: .period
        case .transactionMissing, .postingChanged, .paymentPosting, .reversalInvented: .transaction
        case .strangeTransaction: .unexplained
        case .settlementMissing, .settlementMeans: .settlement
        case .openAmount, .settledUnsaid: .open
        case .adjustmentTax, .adjustmentTooLarge: .adjustment
        case .owedCounter, .creditCounter: .counter
        case .invoiceNumber, .adjustmentNumber: .number
        case .monthUnbilled, .useBeforeTheFirstMonth: .unbilled
        case .monthMissing, .fenceLow: .months
        case .serverCost: .cost
        case .purchaseUnbilled: .purchase
        }
    }

    /// What is done to sound books with two invoices, a payment of the first and an adjustment of the second.
    var statements: [SQL] {
        switch self {
        case .lineAmount: ["UPDATE invoice_lines SET cents = cents + 1"]
        case .linePlan: ["UPDATE invoice_lines SET plan_id = 'pro'"]
        case .lineTime: ["UPDATE invoice_lines SET to_at = to_at - 1000000"]
        case .lineMissing: ["DELETE FROM invoice_lines"]
        case .lineTax: ["UPDATE invoice_lines SET tax_cents = tax_cents + 1"]
        case .spanPrice: ["UPDATE spans SET price_cents = price_cents + 1"]
        case .invoiceSum: ["UPDATE invoices SET sum_cents = sum_cents + 1"]
        case .invoiceTax: ["UPDATE invoices SET tax_cents = tax_cents + 1"]
        case .invoiceTotal: ["UPDATE invoices SET total_cents = total_cents + 1"]
        case .periodShifted: ["UPDATE invoices SET period_end = period_end + 1000000"]
        case .transactionMissing:
            [
                """
                DELETE FROM ledger_postings WHERE transaction_id IN (
                    SELECT id FROM ledger_transactions WHERE key LIKE 'invoice:%:2026-10')
                """,
                "DELETE FROM ledger_transactions WHERE key LIKE 'invoice:%:2026-10'",
            ]
        case .postingChanged: ["UPDATE ledger_postings SET cents = cents + 1 WHERE credit = 'revenue'"]
        case .paymentPosting: ["UPDATE ledger_postings SET cents = cents + 1 WHERE debit = 'processor-clearing'"]
        case .reversalInvented: ["UPDATE payments SET reversed_cents = 1, reversed_at = 0"]
        case .strangeTransaction:
            ["UPDATE ledger_transactions SET key = 'gift:1' WHERE key LIKE 'payment:%'"]
        case .settlementMissing: ["DELETE FROM settlements WHERE means = 'payment'"]
        case .settlementMeans: ["UPDATE settlements SET means = 'credit' WHERE means = 'payment'"]
        case .openAmount: ["UPDATE receivables SET open_cents = open_cents + 1"]
        case .settledUnsaid: ["UPDATE receivables SET settled_at = NULL WHERE open_cents = 0"]
        case .adjustmentTax: ["UPDATE adjustments SET tax_cents = tax_cents + 1"]
        case .adjustmentTooLarge: ["UPDATE adjustments SET cents = 3901"]
        case .owedCounter: ["UPDATE accounts SET owed_cents = owed_cents + 1"]
        case .creditCounter: ["UPDATE accounts SET credit_cents = credit_cents + 1"]
        case .invoiceNumber: ["UPDATE invoices SET number = 7 WHERE number = 2"]
        case .adjustmentNumber: ["UPDATE numbers SET next = next + 1 WHERE series = 'adjustment'"]
        case .monthUnbilled:
            [
                """
                INSERT INTO accounts
                    (id, email, password, created_at, server_limit, spend_cap_cents, may_buy, may_buy_reason)
                VALUES ('ac_0000000000000000', 'b', '', 0, 1, 1, 0, '')
                """,
                "UPDATE spans SET account_id = 'ac_0000000000000000'",
            ]
        case .useBeforeTheFirstMonth: ["UPDATE spans SET started_at = started_at - 86400000000"]
        case .monthMissing:
            ["UPDATE closed_months SET period_start = period_start + 3600000000 WHERE month = '2026-11'"]
        case .fenceLow: ["UPDATE billing_fence SET until = until - 1000000"]
        case .serverCost: ["UPDATE server_costs SET cents = cents + 1"]
        case .purchaseUnbilled:
            [
                """
                INSERT INTO domains (id, account_id, name, state, registrar, created_at)
                SELECT 'dm_0000000000000000', id, 'mine.com', 'active', 'sandbox', 0 FROM accounts
                """,
                """
                INSERT INTO domain_orders (id, domain_id, account_id, kind, years, cents, state, ordered_at)
                SELECT 'do_0000000000000000', 'dm_0000000000000000', id, 'register', 1, 2195, 'done', 0 FROM accounts
                """,
            ]
        }
    }
}

extension TestCloud {
    /// Lets anything be done to tables that only take rows.
    func openBooks() async throws {
        let tables = [
            "ledger_transactions", "ledger_postings", "invoices", "invoice_lines", "settlements", "adjustments",
            "invoice_purchases",
        ]
        for table in tables {
            let drops =
                database.dialect == .sqlite
                ? ["DROP TRIGGER \(table)_keeps_rows", "DROP TRIGGER \(table)_keeps_words"]
                : ["DROP TRIGGER \(table)_keeps_rows ON \(table)"]
            for drop in drops {
                try await database.commit([Write("test.open", touching: Write.anyNumber, SQL(verbatim: drop))])
            }
        }
    }
}
