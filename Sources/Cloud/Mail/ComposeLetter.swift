import Kernel

/// Makes of a row in `mails` what its reader sees, from what the database says now.
struct ComposeLetter: Sendable {
    let database: any Database
    let terms: BillingTerms
    let letterhead: Letterhead

    /// A letter about something that is not there, or to nobody: to be looked at by a person.
    struct Impossible: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: `Impossible`; what the database throws.
    func message(_ letter: Letter, id: MailID, to account: AccountID, writtenAt date: Instant) async throws
        -> MailMessage
    {
        let rows = try await database.read("SELECT email FROM accounts WHERE id = \(account)")
        guard let address = try rows.first?.text("email"), let recipient = MailAddress(address) else {
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
            try await about(id, account, date) { $0.paymentFailed(attempt: attempt) }
        case .overdue(let id, let day): try await about(id, account, date) { $0.overdue(day: day) }
        case .serversStopped(let id): try await about(id, account, date) { $0.serversStopped }
        case .serversDestroyed(let id): try await about(id, account, date) { $0.serversDestroyed }
        case .adjustmentIssued(let id):
            try await AdjustmentMatter(row(AdjustmentMatter.query(id, of: account), of: id.text)).text
        case .paymentReceived(let id): try await payment(id, account)
        case .capReached(let alert): alert.text
        case .domainTerm(let notice): notice.text
        }
    }

    private func about(
        _ invoice: InvoiceID, _ account: AccountID, _ date: Instant, _ words: (InvoiceMatter) -> LetterText
    ) async throws -> LetterText {
        let row = try await row(InvoiceMatter.query(invoice, of: account), of: invoice.text)
        let text = words(try InvoiceMatter(row, terms.calendar, writtenAt: date))
        guard let publicURL = letterhead.publicURL else { return text }
        let link = "The whole invoice, with your API key: \(publicURL)/v1/invoices/\(invoice)"
        return LetterText(subject: text.subject, paragraphs: text.paragraphs + [link])
    }

    private func payment(_ payment: PaymentID, _ account: AccountID) async throws -> LetterText {
        let answers = try await database.read(PaymentMatter.queries(payment, of: account))
        guard let row = answers[0].first else { throw Impossible(description: "there is no \(payment) of the account") }
        return try PaymentMatter(row, settled: answers[1], terms.calendar).text
    }

    private func row(_ query: SQL, of id: String) async throws -> Row {
        guard let row = try await database.read(query).first else {
            throw Impossible(description: "there is no \(id) of the account")
        }
        return row
    }
}
