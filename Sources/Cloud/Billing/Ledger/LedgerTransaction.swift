import Kernel

/// An account of the books.
package enum LedgerAccount: String, CaseIterable, Sendable {
    /// What customers owe on issued invoices.
    case receivable
    /// What is held for customers.
    case credit
    case revenue
    case gstPayable = "gst-payable"
    case processorClearing = "processor-clearing"
    case badDebt = "bad-debt"
    /// What was sold and is not on an invoice yet: names whose orders are open, or just carried out.
    case unbilled
}

/// A sum that one account of the books gets and another gives.
struct Posting: Hashable, Sendable {
    let debit: LedgerAccount
    let credit: LedgerAccount
    let amount: Money
}

enum LedgerTransactionKind: IdentifierKind {
    static let prefix = "lt"
}

typealias LedgerTransactionID = Identifier<LedgerTransactionKind>

/// Postings that belong together: each is balanced, so their sum is zero whatever they are.
struct LedgerTransaction: Sendable {
    let id: LedgerTransactionID
    /// What happened, once and for all: posted a second time it is unmet as `ledger.transaction`.
    let key: String
    let account: AccountID
    let at: Instant
    let description: String
    let postings: [Posting]

    /// - Parameter postings: those of zero cents are left out.
    init(
        id: LedgerTransactionID, key: String, account: AccountID, at: Instant, description: String, postings: [Posting]
    ) {
        self.id = id
        self.key = key
        self.account = account
        self.at = at
        self.description = description
        self.postings = postings.filter { $0.amount != .zero }
    }

    var writes: [Write] {
        let transaction = Write(
            "ledger.transaction",
            """
            INSERT INTO ledger_transactions (id, key, account_id, at, description)
            VALUES (\(id), \(key), \(account), \(at), \(description))
            """)
        return [transaction]
            + postings.enumerated().map { place, posting in
                Write(
                    "ledger.posting",
                    """
                    INSERT INTO ledger_postings (transaction_id, position, debit, credit, cents)
                    VALUES (\(id), \(place + 1), \(posting.debit.rawValue), \(posting.credit.rawValue),
                        \(posting.amount))
                    """)
            }
    }
}

/// The ledger's keys: what happens once.
enum LedgerKey {
    static func invoice(_ account: AccountID, _ topic: InvoiceTopic) -> String { "invoice:\(account):\(topic.text)" }
    static func payment(_ id: PaymentID) -> String { "payment:\(id)" }
    static func refund(_ method: String, _ reference: String) -> String { "refund:\(method):\(reference)" }
    static func grant(_ id: CreditGrantID) -> String { "grant:\(id)" }
    static func revocation(_ id: CreditGrantID) -> String { "revocation:\(id)" }
    static func adjustment(_ id: AdjustmentID) -> String { "adjustment:\(id)" }
    static func badDebt(_ invoice: InvoiceID) -> String { "bad-debt:\(invoice)" }
    static func badDebt(_ invoice: InvoiceID, again: LedgerTransactionID) -> String { "bad-debt:\(invoice):\(again)" }
    static func reversal(_ payment: PaymentID) -> String { "reversal:\(payment)" }
}
