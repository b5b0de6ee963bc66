import Kernel

extension Billing {
    /// Records money that came in: it pays the oldest invoice first, those that are held last, and what is over
    /// becomes credit. The same method and reference a second time change nothing and get the first one's answer.
    ///
    /// - Throws: `Refusal.notFound`; `Refusal.invalid` for one that comes in after tomorrow; `Refusal.conflict` when that
    ///   reference was recorded for another account or sum, or was reversed.
    package func recordPayment(_ new: NewPayment, by requester: Requester) async throws -> Payment {
        // A day is left to clocks and time zones.
        guard new.receivedAt <= time.now + .seconds(86_400) else {
            throw Refusal(
                .invalid, "A payment is recorded once it has come in",
                fields: ["received_at": "must not be in the future"])
        }
        let payment = try await recordPayment(new, for: nil, by: requester)
        guard payment.reversed == .zero else {
            throw Refusal(
                .conflict,
                "The payment of this method and reference was reversed: what came in since needs another reference")
        }
        return payment
    }

    /// - Parameter charged: what it was charged for, which it pays first.
    func recordPayment(
        _ new: NewPayment, for charged: ChargedDebt?, by requester: Requester
    ) async throws -> Payment {
        let account = requester.account
        do {
            return try await deciding(on: account) { balance in
                if let known = try await payment(new.method, new.reference) {
                    return ([], try same(known, as: new, from: account))
                }
                return try recording(new, for: charged, by: requester, balance)
            }
        } catch let unmet as Unmet where unmet.label == "payment.insert" {
            guard let known = try await payment(new.method, new.reference) else { throw unmet }
            return try same(known, as: new, from: account)
        }
    }

    private func same(_ known: Payment, as new: NewPayment, from account: AccountID) throws -> Payment {
        guard known.account == account, known.amount == new.amount else {
            throw Refusal(
                .conflict, "A payment of this method and reference is recorded already, for another account or sum")
        }
        return known
    }

    private func recording(
        _ new: NewPayment, for charged: ChargedDebt?, by requester: Requester, _ balance: AccountBalance
    ) throws -> (writes: [Write], answer: Payment) {
        let now = time.now
        let account = requester.account
        let id = PaymentID(from: randomness)
        var rest = new.amount
        var settled: [Payment.Settled] = []
        for one in balance.inOrderOfPayment(for: charged) where rest > .zero {
            settled.append(.init(invoice: one.invoice, number: one.number, amount: min(one.amount, rest)))
            rest = rest - min(one.amount, rest)
        }
        settled.sort { $0.number < $1.number }
        let payment = Payment(
            id: id, account: account, amount: new.amount, method: new.method, reference: new.reference,
            receivedAt: new.receivedAt, recordedAt: now, settled: settled)
        let paid = new.amount - rest
        let transaction = LedgerTransaction(
            id: LedgerTransactionID(from: randomness), key: LedgerKey.payment(id), account: account, at: now,
            description: "Payment by \(new.method), \(new.reference)",
            postings: [
                Posting(debit: .processorClearing, credit: .receivable, amount: paid),
                Posting(debit: .processorClearing, credit: .credit, amount: rest),
            ])
        let opens = Dictionary(balance.open.map { ($0.invoice, $0.amount) }, uniquingKeysWith: { first, _ in first })
        let settlements = settled.flatMap { part in
            [
                Settlements.taking(part.amount, from: part.invoice, open: opens[part.invoice] ?? .zero, at: now),
                Settlements.insertion(part.amount, of: part.invoice, by: transaction.id, .payment, at: now),
                NewWorkflow.wake(subject: part.invoice.text, at: now),
            ]
        }
        let writes =
            [Self.move(account, from: balance, owed: .zero - paid, credit: rest), insertion(of: payment)]
            + transaction.writes + settlements
            + [
                try audit().entry(
                    "payment.record", on: id.text, by: requester,
                    detail: ["cents": "\(new.amount.cents)", "method": new.method, "reference": new.reference])
            ]
            + (try letters(onReceiptOf: id, from: account, at: now)) + [Purchasing.settle(account)]
        return (writes, payment)
    }

    private func insertion(of payment: Payment) -> Write {
        Write(
            "payment.insert",
            """
            INSERT INTO payments (id, account_id, cents, method, reference, received_at, recorded_at)
            VALUES (\(payment.id), \(payment.account), \(payment.amount), \(payment.method), \(payment.reference),
                \(payment.receivedAt), \(payment.recordedAt))
            """)
    }

    /// The payment that is recorded under this method and reference; nil when none is.
    package func payment(_ method: String, _ reference: String) async throws -> Payment? {
        try await payments("payments.method = \(method) AND payments.reference = \(reference)").first
    }

    /// An account's payments, in the order in which they came in.
    package func payments(of account: AccountID) async throws -> [Payment] {
        try await payments("payments.account_id = \(account)")
    }

    func payments(_ condition: SQL) async throws -> [Payment] {
        let answers = try await database.read([
            "SELECT * FROM payments WHERE \(condition) ORDER BY received_at, id",
            """
            SELECT payments.id, settlements.invoice_id, invoices.number, settlements.cents FROM payments
            JOIN ledger_transactions ON ledger_transactions.key = 'payment:' || payments.id
            JOIN settlements ON settlements.transaction_id = ledger_transactions.id
            JOIN invoices ON invoices.id = settlements.invoice_id
            WHERE \(condition) ORDER BY invoices.number
            """,
        ])
        let settled = Dictionary(grouping: answers[1]) { (try? $0.text("id")) ?? "" }
        return try answers[0].map { row in
            let id: PaymentID = try row.identifier("id")
            return Payment(
                id: id, account: try row.identifier("account_id"), amount: Money(cents: try row.integer("cents")),
                method: try row.text("method"), reference: try row.text("reference"),
                receivedAt: try row.instant("received_at"), recordedAt: try row.instant("recorded_at"),
                settled: try (settled[id.text] ?? []).map {
                    Payment.Settled(
                        invoice: try $0.identifier("invoice_id"), number: try $0.integer("number"),
                        amount: Money(cents: try $0.integer("cents")))
                }, refunded: try row.money("refunded_cents"), reversed: try row.money("reversed_cents"))
        }
    }
}
