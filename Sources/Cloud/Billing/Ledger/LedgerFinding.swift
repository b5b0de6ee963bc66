/// Something in the books that does not add up.
package struct LedgerFinding: Hashable, Sendable, CustomStringConvertible {
    package let kind: Kind
    /// An invoice's, an account's or a transaction's id, a month, or a series of numbers.
    package let subject: String
    package let words: String

    /// Stable names.
    package enum Kind: String, CaseIterable, Sendable {
        /// A line is not what its span and the month make of it.
        case line
        /// An invoice's sum, tax or total is not that of its lines.
        case total
        /// An invoice's month is not the one that was closed.
        case period
        /// A transaction is missing, or its postings are not what it is said to be.
        case transaction
        /// A transaction belongs to nothing.
        case unexplained
        /// What took from an invoice is not what its transaction says.
        case settlement
        /// What is open of an invoice is not its total less what was settled.
        case open
        /// An adjustment is more than its invoice, or has another tax.
        case adjustment
        /// An account's counters are not its ledger.
        case counter
        /// Numbers have a gap.
        case number
        /// Use of a closed month is on no invoice.
        case unbilled
        /// An order of a name is invoiced otherwise than it ended.
        case purchase
        /// What is kept of a server's cost is not what its invoiced months make.
        case cost
        /// Closed months do not follow each other.
        case months
    }

    package var description: String { "\(kind.rawValue): \(subject): \(words)" }
}

/// How much of the books was looked at.
package struct LedgerCheck: Hashable, Sendable {
    package var accounts = 0
    package var invoices = 0
    package var lines = 0
    package var transactions = 0
    package var findings = 0
}
