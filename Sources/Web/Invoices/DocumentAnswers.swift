import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel

/// Which form of an invoice or an adjustment note a caller would have, and how files are answered.
enum DocumentAnswers {
    static func form<Form: RawRepresentable<String> & CaseIterable>(
        of forms: Form.Type, _ exchange: Exchange
    ) -> Form? {
        AcceptHeader.preferred(of: forms, exchange.request.headers)
    }

    /// The answer depends on what the caller would have.
    static let varies = HTTPField(name: .vary, value: "Accept")

    static func page(_ page: HTMLPage) -> Answer {
        Answer(.ok, Array(page.text.utf8), as: .invoicePage, headers: [varies])
    }

    /// To be kept as a file of this name.
    static func file(_ bytes: [UInt8], as form: Answer.Form, _ name: String) -> Answer {
        Answer(.ok, bytes, as: form, headers: [varies, disposition(name)])
    }

    /// What a GET would answer, without printing for it.
    static func head(ofPDF name: String, bytes: Int?) -> Answer {
        .head(.ok, as: .pdf, length: bytes, headers: [varies, disposition(name)])
    }

    private static func disposition(_ file: String) -> HTTPField {
        HTTPField(name: .contentDisposition, value: "attachment; filename=\"\(file)\"")
    }
}

/// What an invoice can be had as, the usual first.
enum InvoiceForm: String, CaseIterable {
    case json = "application/json"
    case html = "text/html"
    case csv = "text/csv"
    case pdf = "application/pdf"
}

/// What an adjustment note can be had as, the usual first.
enum AdjustmentNoteForm: String, CaseIterable {
    case json = "application/json"
    case html = "text/html"
    case pdf = "application/pdf"
}
