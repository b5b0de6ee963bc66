import Kernel

/// What an order does to the books: it is charged as it is accepted, and what was charged is either invoiced or taken
/// back. What costs nothing is in no book.
extension PlacedOrder {
    /// The year in which the term begins, in UTC, as registries count.
    private var year: String { String(LocalTime(timeZone: "UTC").date(of: begins).prefix { $0 != "-" }) }

    /// An order is one purchase for ever, so two orders of the same name and year are two charges.
    var chargeKey: String { LedgerKey.purchase(id, year: year) }

    /// Accepts it: the row and the charge. Unmet as `order.insert` when the domain has an open order.
    func placing(_ name: DomainName, from randomness: any Randomness) throws -> [Write] {
        [try insertion()]
            + posting(
                chargeKey, "Ordered: \(name.text)", debit: .unbilled, credit: .revenue, at: orderedAt, from: randomness)
    }

    /// The registrar carried it out: what comes next is its invoice.
    func completing(at now: Instant, from randomness: any Randomness) throws -> [Write] {
        guard price > .zero else { return [closing(.done, at: now)] }
        let work = try NewWorkflow(
            InvoiceOrder(order: id), id: WorkflowID(from: randomness), account: account.text, at: now)
        return [closing(.done, at: now), work.write]
    }

    /// It will not be carried out: the charge is taken back.
    func failing(_ name: DomainName, at now: Instant, from randomness: any Randomness) -> [Write] {
        [closing(.failed, at: now)]
            + posting(
                LedgerKey.purchaseReversal(id), "Not carried out: \(name.text)", debit: .revenue, credit: .unbilled,
                at: now, from: randomness)
    }

    private func posting(
        _ key: String, _ description: String, debit: LedgerAccount, credit: LedgerAccount, at now: Instant,
        from randomness: any Randomness
    ) -> [Write] {
        guard price > .zero else { return [] }
        return LedgerTransaction(
            id: LedgerTransactionID(from: randomness), key: key, account: account, at: now, description: description,
            postings: [Posting(debit: debit, credit: credit, amount: price)]
        ).writes
    }
}

extension LedgerKey {
    static func purchase(_ order: DomainOrderID, year: String) -> String { "domain:\(order):\(year)" }
    static func purchaseReversal(_ order: DomainOrderID) -> String { "domain-reversal:\(order)" }
}
