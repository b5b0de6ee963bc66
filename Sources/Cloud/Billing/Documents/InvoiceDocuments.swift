import Kernel
import Logging

/// Issued invoices and adjustment notes as documents. All show them as they were issued, and so never change: what was
/// paid since is elsewhere. The one exception is how to pay, which an invoice says until it is paid.
package struct InvoiceDocuments: Sendable {
    let billing: Billing
    let printer: any Printer

    package init(billing: Billing, printer: any Printer) {
        self.billing = billing
        self.printer = printer
    }

    /// For a browser or a printer.
    /// - Throws: `Refusal.notFound`.
    package func page(of id: String, account: AccountID) async throws -> HTMLPage {
        InvoicePage.page(of: try await billing.outline(id, of: account))
    }

    /// All lines as CSV, with the invoice's number.
    /// - Throws: `Refusal.notFound`.
    package func table(of id: String, account: AccountID) async throws -> (number: Int64, text: String) {
        let invoice = try await billing.invoice(id, of: account)
        return (invoice.summary.number, InvoiceTable.text(of: invoice))
    }

    /// The page as PDF, with the invoice's number.
    /// - Throws: `Refusal.notFound`, `Refusal.unavailable`.
    package func pdf(of id: String, account: AccountID) async throws -> (number: Int64, bytes: [UInt8]) {
        let outline = try await billing.outline(id, of: account)
        let bytes = try await printed(
            InvoicePage.page(of: outline), as: Self.name(of: outline.invoice), for: account)
        return (outline.invoice.summary.number, bytes)
    }

    /// How many bytes `pdf` would give; nil where nobody knows, because it is not printed yet. Prints nothing.
    /// - Throws: as `pdf`, as far as that is known.
    package func pdfSize(of id: String, account: AccountID) async throws -> (number: Int64, bytes: Int?) {
        let invoice = try await billing.invoice(id, of: account, lines: 0)
        return (invoice.summary.number, try await size(ofPrinted: Self.name(of: invoice)))
    }

    /// An adjustment note for a browser or a printer.
    /// - Throws: `Refusal.notFound`.
    package func page(ofNote id: String, account: AccountID) async throws -> HTMLPage {
        AdjustmentNotePage.page(of: try await billing.adjustmentNote(id, of: account))
    }

    /// An adjustment note as PDF, with its number.
    /// - Throws: `Refusal.notFound`, `Refusal.unavailable`.
    package func pdf(ofNote id: String, account: AccountID) async throws -> (number: Int64, bytes: [UInt8]) {
        let note = try await billing.adjustmentNote(id, of: account)
        let bytes = try await printed(
            AdjustmentNotePage.page(of: note), as: note.adjustment.id.text, for: account)
        return (note.adjustment.number, bytes)
    }

    /// As `pdfSize(of:account:)`.
    package func pdfSize(ofNote id: String, account: AccountID) async throws -> (number: Int64, bytes: Int?) {
        let note = try await billing.adjustmentNote(id, of: account)
        return (note.adjustment.number, try await size(ofPrinted: note.adjustment.id.text))
    }

    /// What is printed once is given again, so what is not always the same has not always the same name.
    private static func name(of invoice: Invoice) -> String {
        invoice.summary.id.text + (InvoicePage.saysHowToPay(invoice) ? "-open" : "")
    }

    private func printed(_ page: HTMLPage, as name: String, for account: AccountID) async throws -> [UInt8] {
        do {
            return try await printer.print(page, as: name, for: account)
        } catch let failure as PrinterFailure {
            if !failure.isRemembered {
                billing.logger.warning(
                    "a document cannot be printed", metadata: ["document": "\(name)", "reason": "\(failure)"])
            }
            throw Refusal(failure)
        }
    }

    private func size(ofPrinted name: String) async throws -> Int? {
        do {
            return try await printer.size(ofPrinted: name)
        } catch let failure as PrinterFailure {
            throw Refusal(failure)
        }
    }

    /// What a browser must be let apply for `page` to look as it should.
    package static let stylePolicySource = HTMLPage.policySource(of: InvoiceStyle.text)
}

extension Refusal {
    fileprivate init(_ failure: PrinterFailure) {
        switch failure.kind {
        case .missing:
            self.init(
                .unavailable,
                "This installation has nothing to print PDF with; take it as text/html, which prints the same",
                retryAfter: failure.retryAfter ?? .seconds(3600))
        case .crowded:
            self.init(
                .unavailable, "Too many documents are being printed; try again shortly",
                retryAfter: failure.retryAfter ?? .seconds(10))
        case .failed:
            self.init(
                .unavailable, "This could not be printed; take it as text/html, or try again later",
                retryAfter: failure.retryAfter ?? .seconds(60))
        }
    }
}
