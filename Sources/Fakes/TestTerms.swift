import Cloud

extension BillingTerms {
    /// A seller in Sydney, registered for GST, whose prices contain it.
    package static let sydney = terms()

    /// The same but for what is said.
    package static func terms(
        timeZone: String = "Australia/Sydney", tax: GoodsAndServicesTax = .inclusive, seller: Seller = .testers,
        invoiceDay: Int = 1, paymentDays: Int = 14, paymentInstructions: [String] = []
    ) -> BillingTerms {
        BillingTerms(
            calendar: calendar(timeZone), tax: tax, seller: seller, invoiceDay: invoiceDay, paymentDays: paymentDays,
            paymentInstructions: paymentInstructions)
    }

    /// Nobody tests with a zone that does not exist; UTC would stand in for it.
    private static func calendar(_ timeZone: String) -> BillingCalendar {
        [BillingCalendar(timeZone: timeZone), BillingCalendar(timeZone: "UTC")].compactMap(\.self)[0]
    }
}

extension Seller {
    package static let testers = Seller(
        name: "Test Cloud Pty Ltd", businessNumber: BusinessNumber("51 824 753 556"),
        address: ["1 Sample Street", "Sydney NSW 2000"], email: "accounts@cloud.example")
}
