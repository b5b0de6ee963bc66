import Foundation
import Kernel

/// The terms as the database keeps them, so that whoever issues invoices does so on the same.
struct StoredTerms: Codable, Hashable, Sendable {
    let timeZone: String
    let seller: Party
    let invoiceDay: Int
    let paymentDays: Int
    let paymentInstructions: [String]

    enum CodingKeys: String, CodingKey {
        case timeZone = "time-zone"
        case seller
        case invoiceDay = "invoice-day"
        case paymentDays = "payment-days"
        case paymentInstructions = "payment-instructions"
    }

    /// - Parameter stored: the seller where the terms name none.
    init(_ terms: BillingTerms, unnamedSeller stored: Party? = nil) {
        timeZone = terms.calendar.timeZone
        let told = Party(terms.seller)
        seller = told.name.isEmpty ? stored ?? told : told
        invoiceDay = terms.invoiceDay
        paymentDays = terms.paymentDays
        paymentInstructions = terms.paymentInstructions
    }

    init(stored text: String) throws {
        self = try JSONDecoder().decode(StoredTerms.self, from: Data(text.utf8))
    }

    func stored() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// - Parameter known: a calendar that is used again where it is of the same time zone.
    /// - Throws: `Refusal.invalidState` for a time zone that this host does not know.
    func terms(_ taxes: [TaxTerm], known: BillingCalendar?) throws -> BillingTerms {
        let calendar = known?.timeZone == timeZone ? known : BillingCalendar(timeZone: timeZone)
        guard let calendar else {
            throw Refusal(.invalidState, "The time zone \(timeZone) of the stored terms is not known on this host")
        }
        return BillingTerms(
            calendar: calendar, tax: taxes.last?.tax ?? .none,
            seller: Seller(
                name: seller.name, businessNumber: seller.businessNumber.flatMap { BusinessNumber($0) },
                address: seller.address, email: seller.email),
            invoiceDay: invoiceDay, paymentDays: paymentDays, paymentInstructions: paymentInstructions, taxes: taxes)
    }
}

extension BillingTerms {
    /// For `read`, at one snapshot.
    static let queries: [SQL] = [
        "SELECT terms FROM billing_terms WHERE slot = 1", "SELECT month, tax FROM gst_terms ORDER BY month",
    ]

    static func taxes(_ rows: [Row]) throws -> [TaxTerm] {
        try rows.map { TaxTerm(month: try $0.month("month"), tax: try $0.value("tax")) }
    }

    /// What the daemon that started last was told; nil where none has stored any terms.
    /// - Parameter known: a calendar that is used again where it is of the same time zone.
    package static func stored(
        in database: any Database, known: BillingCalendar? = nil
    ) async throws -> BillingTerms? {
        let answers = try await database.read(queries)
        guard let row = answers[0].first else { return nil }
        return try StoredTerms(stored: try row.text("terms")).terms(try taxes(answers[1]), known: known)
    }
}

extension Billing {
    /// The same on the terms that are stored now: another node may have been told others since this one began.
    func onStoredTerms() async throws -> Billing {
        guard let stored = try await BillingTerms.stored(in: database, known: terms.calendar) else { return self }
        return Billing(
            terms: stored, database: database, time: time, randomness: randomness, logger: logger, wake: wake)
    }
}
