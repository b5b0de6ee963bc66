import Kernel

/// Makes of a row in `mails` what its reader sees, from what the database says now.
struct ComposeLetter: Sendable {
    let database: any Database
    let terms: BillingTerms
    let letterhead: Letterhead
    /// What is less than this is charged to no card.
    let smallestCharge: Money
    let time: any Timekeeper
    let randomness: any Randomness

    /// A letter about something that is not there, or to nobody: to be looked at by a person.
    struct Impossible: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: `Impossible`; what the database throws.
    func message(_ letter: Letter, id: MailID, to account: AccountID, writtenAt date: Instant) async throws
        -> MailMessage
    {
        guard let address = try await address(of: letter, to: account), let recipient = MailAddress(address) else {
            throw Impossible(description: "the account has no address that a letter can be sent to")
        }
        let seller = terms.seller
        let text = try await self.text(of: letter, to: account, writtenAt: date)
        return MailMessage(
            id: id, from: letterhead.sender, named: seller.name.isEmpty ? "CAIport" : seller.name, to: recipient,
            date: date, subject: text.subject, body: text.body(from: seller, at: letterhead.publicURL))
    }

    /// - Throws: `Impossible`; what the database throws.
    func text(of letter: Letter, to account: AccountID, writtenAt date: Instant) async throws -> LetterText {
        switch letter {
        case .invoiceIssued(let id): try await about(id, account, date) { $0.issued }
        case .paymentFailed(let id, let attempt):
            try await about(id, account, date, attempt: attempt) { $0.paymentFailed(attempt: attempt) }
        case .overdue(let id, let day): try await about(id, account, date) { $0.overdue(day: day) }
        case .serversStopped(let id): try await about(id, account, date) { $0.serversStopped }
        case .serversDestroyed(let id): try await about(id, account, date) { $0.serversDestroyed }
        case .adjustmentIssued(let id):
            try await AdjustmentMatter(row(AdjustmentMatter.query(id, of: account), of: id.text)).text
        case .paymentReceived(let id): try await payment(id, account)
        case .paymentReversed(let id): try await reversal(id, account)
        case .capReached(let alert): alert.text
        case .domainTerm(let notice): notice.text
        case .account(let notice): notice.text(at: letterhead.publicURL)
        case .proof(let id): try await proof(id, account)
        }
    }

    /// Nearly every letter goes to the account's own address.
    private func address(of letter: Letter, to account: AccountID) async throws -> String? {
        switch letter {
        case .account(let notice) where notice.address != nil: return notice.address
        case .proof(let id): return try await ProofMatter(row(ProofMatter.query(id, of: account), of: id.text)).address
        default:
            let rows = try await database.read("SELECT email FROM accounts WHERE id = \(account)")
            return try rows.first?.text("email")
        }
    }

    /// The token is made here, so that it is in the letter and nowhere else.
    private func proof(_ id: ProofID, _ account: AccountID) async throws -> LetterText {
        let matter = try ProofMatter(try await row(ProofMatter.query(id, of: account), of: id.text))
        let token = AccessToken.mint(from: randomness)
        try await database.commit([matter.noting(token, at: time.now)], urgency: .background)
        return matter.text(token, at: letterhead.publicURL)
    }

    private func about(
        _ invoice: InvoiceID, _ account: AccountID, _ date: Instant, attempt: Int? = nil,
        _ words: (InvoiceMatter) -> LetterText
    ) async throws -> LetterText {
        let row = try await row(
            InvoiceMatter.query(invoice, of: account, attempt: attempt, smallestCharge: smallestCharge),
            of: invoice.text)
        let text = words(
            try InvoiceMatter(row, terms.calendar, writtenAt: date, smallestCharge: smallestCharge))
        guard let publicURL = letterhead.publicURL else { return text }
        let link = "The whole invoice, with your API key: \(publicURL)/v1/invoices/\(invoice)"
        return LetterText(subject: text.subject, paragraphs: text.paragraphs + [link])
    }

    private func payment(_ payment: PaymentID, _ account: AccountID) async throws -> LetterText {
        let answers = try await database.read(PaymentMatter.queries(payment, of: account))
        guard let row = answers[0].first else { throw Impossible(description: "there is no \(payment) of the account") }
        return try PaymentMatter(row, settled: answers[1], terms.calendar).text
    }

    private func reversal(_ payment: PaymentID, _ account: AccountID) async throws -> LetterText {
        let answers = try await database.read(ReversalMatter.queries(payment, of: account))
        guard let row = answers[0].first else { throw Impossible(description: "there is no \(payment) of the account") }
        return try ReversalMatter(row, reopened: answers[1], terms.calendar).text
    }

    private func row(_ query: SQL, of id: String) async throws -> Row {
        guard let row = try await database.read(query).first else {
            throw Impossible(description: "there is no \(id) of the account")
        }
        return row
    }
}
