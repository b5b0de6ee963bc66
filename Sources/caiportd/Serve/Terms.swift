import Cloud
import Kernel
import Logging

extension Daemon {
    /// The terms that hold from now on: stored, so that every node and command goes by the same.
    ///
    /// A demonstration keeps what is stored already: it may be tried on an installation that does business.
    /// - Throws: `Refusal.invalidState` for a time zone that cannot be any more.
    func adoptTerms(in database: any Database) async throws -> BillingTerms {
        let stored = try await BillingTerms.stored(in: database, known: settings.terms.calendar)
        if settings.isDemo, let stored {
            logger.info("the demonstration goes by the terms that are stored")
            return stored
        }
        let terms = try await settings.terms.adopted(in: database, at: time.now)
        let month = terms.calendar.period(at: time.now).month
        if settings.terms.seller.name.isEmpty, !terms.seller.name.isEmpty {
            logger.notice("no seller is named: invoices go on being issued by \(terms.seller.name)")
        }
        if let stored,
            stored.seller != terms.seller || stored.paymentDays != terms.paymentDays
                || stored.paymentInstructions != terms.paymentInstructions || stored.invoiceDay != terms.invoiceDay
        {
            logger.notice("the terms are others than before: they hold for every invoice from now on")
        }
        for next in terms.taxes where next.month > month {
            logger.notice(
                "prices stand to GST in another way from a month on",
                metadata: [
                    "month": "\(next.month)", "gst": "\(next.tax.rawValue)",
                    "until then": "\(terms.tax(in: month).rawValue)",
                ])
        }
        if let lack = terms.lack(in: month) ?? terms.lack {
            logger.warning("no invoices can be issued: \(lack)")
        }
        return terms
    }
}
