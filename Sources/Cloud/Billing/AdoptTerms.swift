import Kernel

extension BillingTerms {
    private static let tries = 20

    /// Stores what a daemon is told, for whoever issues invoices, and answers the terms that hold from now on.
    ///
    /// A daemon that is told of no seller leaves the one that is stored: a flag that was forgotten must not stop invoices.
    /// Another way of prices to stand to the tax holds from the next month on, so that no month has two. The seller's
    /// details, the days and how to pay hold for every invoice issued from now on. The time zone stays once a month is
    /// being closed, for the next one must begin where that ended.
    /// - Throws: `Refusal.invalidState` for another time zone then; what the database throws.
    package func adopted(in database: any Database, at now: Instant) async throws -> BillingTerms {
        for _ in 0..<Self.tries {
            let answers = try await database.read(Self.queries + ["SELECT until FROM billing_fence WHERE slot = 1"])
            let old = try answers[0].first?.text("terms")
            let taxes = try Self.taxes(answers[1])
            let isUsed = try answers[2].first?.integer("until") ?? 0 > 0
            let last = try old.map { try StoredTerms(stored: $0) }
            if isUsed, let last { try requireSameTimeZone(as: last) }
            // Who has not said yet who sells is still setting up, and nothing could be invoiced on those terms.
            let isSettingUp = !isUsed && (last?.seller.name.isEmpty ?? true)
            let changed = Self.changed(isSettingUp ? [] : taxes, to: tax, in: calendar.period(at: now).month)
            let told = StoredTerms(self, unnamedSeller: last?.seller)
            do {
                try await database.commit(
                    try told.storing(over: old, at: now) + Self.moving(taxes, to: changed, at: now))
            } catch is Unmet {
                // Another node was quicker.
                continue
            }
            return try told.terms(changed, known: calendar)
        }
        throw Billing.overtaken
    }

    private func requireSameTimeZone(as stored: StoredTerms) throws {
        guard stored.timeZone != calendar.timeZone else { return }
        throw Refusal(
            .invalidState,
            "Months were closed in the time zone \(stored.timeZone), and the next one must begin where the last one "
                + "ended: start with --time-zone \(stored.timeZone)")
    }

    /// What was said for months to come is replaced; what holds in this one stays.
    private static func changed(
        _ taxes: [TaxTerm], to tax: GoodsAndServicesTax, in month: Month
    ) -> [TaxTerm] {
        guard let first = taxes.first else { return [TaxTerm(month: month, tax: tax)] }
        if taxes.last?.tax == tax { return taxes }
        // A clock that was set back finds even the first ahead of it.
        let held = taxes.filter { $0.month <= month || $0 == first }
        return held.last?.tax == tax ? held : held + [TaxTerm(month: max(month, first.month).next, tax: tax)]
    }

    private static func moving(_ old: [TaxTerm], to new: [TaxTerm], at now: Instant) -> [Write] {
        let gone = old.filter { !new.contains($0) }.map { term in
            Write("terms.tax", "DELETE FROM gst_terms WHERE month = \(term.month.description)")
        }
        let added = new.filter { !old.contains($0) }.map { term in
            Write(
                "terms.tax",
                """
                INSERT INTO gst_terms (month, tax, told_at)
                VALUES (\(term.month.description), \(term.tax.rawValue), \(now))
                """)
        }
        return gone + added
    }
}

extension StoredTerms {
    /// - Parameter old: what is stored; nil where nothing is.
    fileprivate func storing(over old: String?, at now: Instant) throws -> [Write] {
        let text = try stored()
        guard let old else {
            return [
                Write(
                    "terms.insert",
                    "INSERT INTO billing_terms (slot, terms, told_at) VALUES (1, \(text), \(now))")
            ]
        }
        return [
            Write(
                "terms.update",
                """
                UPDATE billing_terms SET terms = \(text), told_at = \(now) WHERE slot = 1 AND terms = \(old)
                """)
        ]
    }
}
