import ArgumentParser
import Cloud

/// What is charged, by whom and when.
extension Settings {
    static let billing: [any AnySetting] = [
        timeZone, gst, sellerName, sellerABN, sellerAddress, sellerEmail, invoiceDay, invoicePaymentDays,
        paymentInstructions,
    ]

    static let timeZone = Setting(
        "time-zone", "NAME", "The business's time zone: its months are billed.", fallback: "Australia/Sydney"
    ) { text throws(BadValue) in
        guard let calendar = BillingCalendar(timeZone: text) else {
            throw BadValue(rule: "must be a name of the time zone database, such as Australia/Sydney")
        }
        return calendar
    }

    static let gst = Setting(
        "gst", "inclusive|exclusive|none",
        "Whether prices contain goods and services tax, it comes on top, or none is charged.",
        fallback: { ($0.isDemo ? GoodsAndServicesTax.none : .inclusive).rawValue },
        parse: Parse.choice(GoodsAndServicesTax.allCases))

    static let sellerName = Setting(
        "seller-name", "NAME", "Who sells, as invoices say; without it none is issued.",
        fallback: { $0.isDemo ? "CAIport Demonstration" : "" }, parse: Parse.optionalShownText)

    static let sellerABN = Setting(
        "seller-abn", "ABN", "The seller's Australian Business Number; a tax invoice needs it.", fallback: ""
    ) { text throws(BadValue) in
        if text.isEmpty { return nil as BusinessNumber? }
        guard let number = BusinessNumber(text) else {
            throw BadValue(rule: "must be an ABN of eleven digits that passes its check, such as 51 824 753 556")
        }
        return number
    }

    static let sellerAddress = Setting(
        "seller-address", "LINES", "The seller's postal address; lines are separated by ;.", fallback: "",
        parse: Parse.shownLines(atMost: 6))

    static let sellerEmail = Setting(
        "seller-email", "ADDRESS", "Where customers write to about an invoice.", fallback: ""
    ) { text throws(BadValue) in
        guard text.isEmpty || MailAddress(text) != nil else {
            throw BadValue(rule: "must be an address such as billing@cloud.example")
        }
        return text.isEmpty ? nil : text
    }

    static let invoiceDay = Setting(
        "invoice-day", "DAY", "On which day of the next month a month is invoiced, 1 to 28, at two in the morning.",
        form: .number, fallback: "1", parse: Parse.number(in: 1...28))

    static let invoicePaymentDays = Setting(
        "invoice-payment-days", "N", "How many days an account that pays by invoice has.", form: .number,
        fallback: "14", parse: Parse.number(in: 0...365))

    static let paymentInstructions = Setting(
        "payment-instructions", "LINES",
        "How an invoice is paid, such as a bank account, for letters and invoices; lines are separated by ;.",
        fallback: "", parse: Parse.shownLines(atMost: 10))
}

/// The settings of money. A daemon stores them, and commands go by what is stored.
struct BillingFlags: ParsableArguments {
    @Option(Settings.timeZone) var timeZone: String?
    @Option(Settings.gst) var gst: String?
    @Option(Settings.sellerName) var sellerName: String?
    @Option(Settings.sellerABN) var sellerABN: String?
    @Option(Settings.sellerAddress) var sellerAddress: String?
    @Option(Settings.sellerEmail) var sellerEmail: String?
    @Option(Settings.invoiceDay) var invoiceDay: String?
    @Option(Settings.invoicePaymentDays) var invoicePaymentDays: String?
    @Option(Settings.paymentInstructions) var paymentInstructions: String?

    var given: [(any AnySetting, String?)] {
        [
            (Settings.timeZone, timeZone), (Settings.gst, gst), (Settings.sellerName, sellerName),
            (Settings.sellerABN, sellerABN), (Settings.sellerAddress, sellerAddress),
            (Settings.sellerEmail, sellerEmail), (Settings.invoiceDay, invoiceDay),
            (Settings.invoicePaymentDays, invoicePaymentDays),
            (Settings.paymentInstructions, paymentInstructions),
        ]
    }
}

extension Configuration {
    /// What is charged, by whom and when.
    func billingTerms() throws -> BillingTerms {
        BillingTerms(
            calendar: try self[Settings.timeZone], tax: try self[Settings.gst],
            seller: Seller(
                name: try self[Settings.sellerName] ?? "", businessNumber: try self[Settings.sellerABN],
                address: try self[Settings.sellerAddress], email: try self[Settings.sellerEmail] ?? ""),
            invoiceDay: try self[Settings.invoiceDay], paymentDays: try self[Settings.invoicePaymentDays],
            paymentInstructions: try self[Settings.paymentInstructions])
    }

    /// The terms for commands on a database that no daemon has stored any in: nothing can be invoiced on them.
    func untoldTerms() throws -> BillingTerms {
        BillingTerms(
            calendar: try self[Settings.timeZone], tax: try self[Settings.gst],
            seller: Seller(name: "", businessNumber: nil, address: [], email: ""),
            invoiceDay: try self[Settings.invoiceDay], paymentDays: try self[Settings.invoicePaymentDays])
    }
}
