import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel
import Wire

struct AdjustmentRoutes: Sendable {
    let billing: Billing
    let documents: InvoiceDocuments

    /// In the form that the caller would have; JSON unless another is named.
    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let (id, account) = (exchange.id, caller.account)
        switch DocumentAnswers.form(of: AdjustmentNoteForm.self, exchange) ?? .json {
        case .json:
            let note = Wire.AdjustmentNote(try await billing.adjustmentNote(id, of: account))
            return Answer(.ok, Wire.DataAnswer(note).json(), headers: [DocumentAnswers.varies])
        case .html:
            return DocumentAnswers.page(try await documents.page(ofNote: id, account: account))
        case .pdf where exchange.request.method == .head:
            let (number, bytes) = try await documents.pdfSize(ofNote: id, account: account)
            return DocumentAnswers.head(ofPDF: Self.name(number), bytes: bytes)
        case .pdf:
            let (number, bytes) = try await documents.pdf(ofNote: id, account: account)
            return DocumentAnswers.file(bytes, as: .pdf, Self.name(number))
        }
    }

    private static func name(_ number: Int64) -> String { "adjustment-\(number).pdf" }
}

extension Wire.AdjustmentNote {
    init(_ note: AdjustmentNote) {
        self.init(
            adjustment: Wire.Invoice.Adjustment(note.adjustment), invoiceID: note.adjustment.invoice.text,
            invoiceNumber: note.invoiceNumber, invoiceIssuedAt: Wire.Timestamp(note.invoiceIssuedAt),
            month: note.month.description, timeZone: note.timeZone, gst: note.taxKind.rawValue,
            seller: Wire.Invoice.Party(note.seller), buyer: Wire.Invoice.Party(note.buyer),
            before: .init(cents: note.priceBefore.cents, taxCents: note.taxBefore.cents),
            after: .init(cents: note.priceAfter.cents, taxCents: note.taxAfter.cents),
            takenOffCents: note.takenOff.cents, creditedCents: note.credited.cents)
    }
}
