import Kernel
import Logging

/// Issued invoices as documents. All show the invoice as it was issued, and so never change: what was paid since is
/// elsewhere.
package struct InvoiceDocuments: Sendable {
    let billing: Billing
    let printer: any Printer

    /// For a browser or a printer.
    /// - Throws: `Refusal.notFound`.
    package func page(of id: String, account: AccountID) async throws -> HTMLPage {
        InvoicePage.page(of: try await billing.invoice(id, of: account))
    }

    /// The lines as CSV, with the invoice's number.
    /// - Throws: `Refusal.notFound`.
    package func table(of id: String, account: AccountID) async throws -> (number: Int64, text: String) {
        let invoice = try await billing.invoice(id, of: account)
        return (invoice.summary.number, InvoiceTable.text(of: invoice))
    }

    /// The page as PDF, with the invoice's number.
    /// - Throws: `Refusal.notFound`, `Refusal.unavailable`.
    package func pdf(of id: String, account: AccountID) async throws -> (number: Int64, bytes: [UInt8]) {
        let invoice = try await billing.invoice(id, of: account)
        do {
            let bytes = try await printer.print(InvoicePage.page(of: invoice), as: invoice.summary.id.text)
            return (invoice.summary.number, bytes)
        } catch let failure as PrinterFailure {
            billing.logger.warning(
                "an invoice cannot be printed", metadata: ["invoice": "\(id)", "reason": "\(failure)"])
            throw Self.refusal(for: failure.kind)
        }
    }

    private static func refusal(for kind: PrinterFailure.Kind) -> Refusal {
        switch kind {
        case .missing:
            Refusal(
                .unavailable,
                "This installation has nothing to print PDF with; take the invoice as text/html, which prints the same",
                retryAfter: .seconds(3600))
        case .crowded:
            Refusal(.unavailable, "Too many invoices are being printed; try again shortly", retryAfter: .seconds(10))
        case .failed:
            Refusal(
                .unavailable, "The invoice could not be printed; try again, or take it as text/html",
                retryAfter: .seconds(60))
        }
    }

    /// What a browser must be let apply for `page` to look as it should.
    package static let stylePolicySource = HTMLPage.policySource(of: InvoiceStyle.text)
}
