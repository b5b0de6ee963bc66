import Kernel

extension Billing {
    /// Issues the invoice of an account's month or order, once: whoever comes second changes nothing.
    ///
    /// One commit numbers it without a gap, posts it, takes what credit there is, and begins its collection. A month
    /// that costs nothing gets no invoice.
    /// - Throws: what the database throws; to be asked again.
    func issue(_ draft: InvoiceDraft, to candidate: InvoiceCandidate) async throws {
        guard draft.total > .zero else { return }
        var candidate = candidate
        for _ in 0..<Self.tries {
            let now = time.now
            do {
                try await database.commit(try issue(draft, to: candidate, at: now), urgency: .background)
                CrashPoint.reach(draft.purchase == nil ? "close-month.invoice" : "invoice-order.invoice")
                return
            } catch let unmet as Unmet where unmet.label == "ledger.transaction" {
                guard try await isIssued(draft) else { throw unmet }
                return
            } catch let unmet as Unmet where unmet.label == "invoice.account" {
                // Credit was granted or used between the look and the commit.
                candidate = try await self.candidate(draft.account)
            }
        }
        throw Self.overtaken
    }

    private func isIssued(_ draft: InvoiceDraft) async throws -> Bool {
        try await !database.read(draft.topic.query(of: draft.account)).isEmpty
    }

    /// The transaction of the ledger goes before the number: who comes second does not wait for a number.
    private func issue(_ draft: InvoiceDraft, to candidate: InvoiceCandidate, at now: Instant) throws -> [Write] {
        let id = InvoiceID(from: randomness)
        let credited = min(candidate.credit, draft.total)
        let transaction = LedgerTransaction(
            id: LedgerTransactionID(from: randomness), key: LedgerKey.invoice(draft.account, draft.topic),
            account: draft.account, at: now,
            description: "Invoice for \(draft.purchase?.text ?? draft.period.month.description)",
            postings: draft.postings + [Posting(debit: .credit, credit: .receivable, amount: credited)])
        let account = Write(
            "invoice.account",
            """
            UPDATE accounts SET owed_cents = owed_cents + \(draft.total - credited),
                credit_cents = credit_cents - \(credited), \(Self.usingGranted(credited))
            WHERE id = \(draft.account) AND credit_cents = \(candidate.credit)
            """)
        return [account] + transaction.writes
            + [
                Self.takeNumber("invoice"),
                try insertion(of: draft, as: id, due: candidate.due(at: now, on: terms), at: now),
            ]
            + Self.insertions(of: draft.lines, of: id)
            + [draft.purchase?.insertion(into: id)].compactMap(\.self)
            + ServerCosts.keeping(draft.lines, of: draft.period)
            + settlement(of: draft, as: id, by: transaction.id, credited: credited, candidate, at: now)
            + [Purchasing.settle(draft.account)]
            + (try letters(onIssueOf: id, to: draft.account, at: now))
            + (try collection(of: id, from: draft.account, at: now)).map(\.write)
    }

    /// Whatever takes a number without a gap does so by this and uses `next - 1` in the same commit.
    static func takeNumber(_ series: StaticString) -> Write {
        Write("number.take", "UPDATE numbers SET next = next + 1 WHERE series = \("\(series)")")
    }

    private func insertion(of draft: InvoiceDraft, as id: InvoiceID, due: Instant, at now: Instant) throws -> Write {
        Write(
            "invoice.insert",
            """
            INSERT INTO invoices (id, number, account_id, kind, month, time_zone, period_start, period_end, issued_at,
                due_at, tax, sum_cents, tax_cents, total_cents, seller, buyer, payment_instructions)
            VALUES (\(id), (SELECT next - 1 FROM numbers WHERE series = 'invoice'), \(draft.account),
                \(draft.kind.rawValue), \(draft.period.month.description), \(draft.timeZone), \(draft.period.starts), \(draft.period.ends),
                \(now), \(due), \(draft.tax.rawValue), \(draft.sum), \(draft.taxAmount),
                \(draft.total), \(try draft.seller.stored()), \(try draft.buyer.stored()),
                \(terms.paymentInstructions.joined(separator: "\n")))
            """)
    }

    /// A month of a hundred thousand lines is a thousand statements of one text.
    private static let linesPerStatement = 100

    private static func insertions(of lines: [InvoiceLine], of id: InvoiceID) -> [Write] {
        stride(from: 0, to: lines.count, by: linesPerStatement).map { start in
            let some = lines[start..<min(start + linesPerStatement, lines.count)]
            // Appended in place: a text that is made anew for each line takes the square of their number.
            var text = SQL.StringInterpolation(literalCapacity: 0, interpolationCount: 12 * some.count)
            text.appendLiteral("INSERT INTO invoice_lines (invoice_id, position, span_id, server_id, server_name, ")
            text.appendLiteral("plan_id, plan_name, price_cents, from_at, to_at, cents, tax_cents) VALUES ")
            for line in some {
                let row: SQL = """
                    (\(id), \(line.position), \(line.span), \(line.server), \(line.serverName), \(line.plan.text),
                        \(line.planName), \(line.price), \(line.from), \(line.to), \(line.amount), \(line.tax))
                    """
                if line.position > some[start].position { text.appendLiteral(", ") }
                text.appendInterpolation(row)
            }
            return Write("invoice.lines", touching: some.count...some.count, SQL(stringInterpolation: text))
        }
    }

    private func settlement(
        of draft: InvoiceDraft, as id: InvoiceID, by transaction: LedgerTransactionID, credited: Money,
        _ candidate: InvoiceCandidate, at now: Instant
    ) -> [Write] {
        let open = draft.total - credited
        let settled: Instant? = open == .zero ? now : nil
        let due = candidate.due(at: now, on: terms)
        let receivable = Write(
            "receivable.insert",
            """
            INSERT INTO receivables (invoice_id, account_id, due_at, due_on, open_cents, settled_at)
            VALUES (\(id), \(draft.account), \(due), \(terms.calendar.date(of: due)), \(open), \(settled))
            """)
        guard credited > .zero else { return [receivable] }
        return [receivable, Settlements.insertion(credited, of: id, by: transaction, .credit, at: now)]
    }
}

/// What takes an invoice's open amount away.
enum Settlements {
    static func insertion(
        _ amount: Money, of invoice: InvoiceID, by transaction: LedgerTransactionID, _ means: InvoiceSettlement.Means,
        at now: Instant
    ) -> Write {
        Write(
            "settlement.insert",
            """
            INSERT INTO settlements (invoice_id, transaction_id, means, cents, at)
            VALUES (\(invoice), \(transaction), \(means.rawValue), \(amount), \(now))
            """)
    }

    /// Takes from what is open of an invoice; unmet as `receivable.settle` when that is not `open` any more.
    static func taking(_ amount: Money, from invoice: InvoiceID, open: Money, at now: Instant) -> Write {
        let settled: Instant? = amount == open ? now : nil
        return Write(
            "receivable.settle",
            """
            UPDATE receivables SET open_cents = open_cents - \(amount), settled_at = \(settled)
            WHERE invoice_id = \(invoice) AND open_cents = \(open)
            """)
    }
}
