import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel

/// An invoice to look at, and to keep as a file.
struct InvoicePages: Sendable {
    let billing: Billing
    let documents: InvoiceDocuments

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        let id = visit.exchange.id
        let outline = try await billing.outline(id, of: visit.person().account)
        let invoice = outline.invoice
        let summary = invoice.summary
        let files = [("pdf", "PDF"), ("csv", "CSV"), ("html", "Web page")].map { form, words -> HTML in
            #"<a class="button plain small" href="\#(Link("/invoices/\(id)/file").with([("as", form)]))">\#(words)</a>"#
        }
        let body: HTML = """
            <div class="head"><div><h1>Invoice \(summary.number)</h1>
            <p class="soft">for \(summary.purchase?.name ?? summary.month.description)</p></div>
            <div class="row">\(files)</div></div>
            \(figures(summary))\(content(outline))\(settlements(invoice))\(adjustments(invoice))
            """
        return visit.page(Page("Invoice \(summary.number)", at: .billing, body))
    }

    /// The same bytes as the API's.
    @Sendable func file(_ visit: Visit) async throws -> Answer {
        let (id, account) = (visit.exchange.id, try visit.person().account)
        switch visit.query["as"] {
        case "pdf":
            let (number, bytes) = try await documents.pdf(of: id, account: account)
            return DocumentAnswers.file(bytes, as: .pdf, "invoice-\(number).pdf")
        case "csv":
            let (number, text) = try await documents.table(of: id, account: account)
            return DocumentAnswers.file(Array(text.utf8), as: .csv, "invoice-\(number).csv")
        case "html": return DocumentAnswers.page(try await documents.page(of: id, account: account))
        default: throw Refusal(.notFound, "There is no such file of an invoice")
        }
    }

    @Sendable func noteFile(_ visit: Visit) async throws -> Answer {
        let (number, bytes) = try await documents.pdf(ofNote: visit.exchange.id, account: visit.person().account)
        return DocumentAnswers.file(bytes, as: .pdf, "adjustment-note-\(number).pdf")
    }

    private func figures(_ invoice: InvoiceSummary) -> HTML {
        let calendar = billing.terms.calendar
        return """
            <section class="card"><dl><dt>Status</dt><dd>\(InvoiceWords.badge(billing.status(of: invoice)))</dd>
            <dt>Issued</dt><dd>\(calendar.date(of: invoice.issuedAt))</dd>
            <dt>Due</dt><dd>\(calendar.date(of: invoice.dueAt))</dd>
            <dt>GST in it</dt><dd>\(invoice.taxAmount.text)</dd>
            <dt><b>Total</b></dt><dd><b>\(invoice.total.text)</b></dd>
            <dt>To pay</dt><dd>\(invoice.open.text)</dd></dl></section>
            """
    }

    private func content(_ outline: InvoiceOutline) -> HTML {
        if let purchase = outline.invoice.purchase {
            return """
                <section class="card"><h2>What it is for</h2><dl><dt>\(purchase.text)</dt>\
                <dd>\(purchase.amount.text)</dd></dl></section>
                """
        }
        let calendar = billing.terms.calendar
        let rows = outline.invoice.lines.map { line -> HTML in
            """
            <tr><td data-label="Server">\(line.serverName)</td>
            <td data-label="Plan">\(line.planName), \(line.price.text) a month</td>
            <td data-label="From">\(calendar.words(of: line.from))</td>
            <td data-label="To">\(calendar.words(of: line.to))</td>
            <td data-label="Amount" class="number">\(line.amount.text)</td></tr>
            """
        }
        let rest: HTML =
            outline.isCut
            ? #"<p class="soft">The first \#(rows.count) of \#(outline.lineCount) lines; the CSV has all.</p>"# : .empty
        return """
            <section class="card"><h2>Lines</h2><table><thead><tr><th scope="col">Server</th><th scope="col">Plan</th>\
            <th scope="col">From</th><th scope="col">To</th><th scope="col" class="number">Amount</th></tr></thead>\
            <tbody>\(rows)</tbody></table>\(rest)</section>
            """
    }

    private func settlements(_ invoice: Invoice) -> HTML {
        guard !invoice.settlements.isEmpty else {
            let lines = invoice.paymentInstructions.map { line -> HTML in "<li>\(line)</li>" }
            return lines.isEmpty
                ? .empty : #"<section class="card"><h2>How to pay</h2><ul class="plain">\#(lines)</ul></section>"#
        }
        let rows = invoice.settlements.map { settlement -> HTML in
            """
            <dt>\(words(settlement.means)), \(billing.terms.calendar.date(of: settlement.at))</dt>\
            <dd>\(settlement.amount.text)</dd>
            """
        }
        return #"<section class="card"><h2>Payments</h2><dl>\#(rows)</dl></section>"#
    }

    private func words(_ means: InvoiceSettlement.Means) -> String {
        switch means {
        case .payment: "Payment"
        case .credit: "Credit"
        case .adjustment: "Adjustment"
        case .badDebt: "Given up"
        case .reversal: "Payment that did not last"
        }
    }

    private func adjustments(_ invoice: Invoice) -> HTML {
        guard !invoice.adjustments.isEmpty else { return .empty }
        let rows = invoice.adjustments.map { note -> HTML in
            """
            <dt><a href="\(Link("/adjustments/\(note.id)/file"))">Adjustment note \(note.number)</a>: \(note.reason)</dt>\
            <dd>\(note.amount.text)</dd>
            """
        }
        return #"<section class="card"><h2>Corrections</h2><dl>\#(rows)</dl></section>"#
    }
}
