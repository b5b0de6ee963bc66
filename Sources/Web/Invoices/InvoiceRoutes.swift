import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel
import Wire

struct InvoiceRoutes: Sendable {
    let billing: Billing
    let documents: InvoiceDocuments

    func list(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let query = try InvoiceQuery(exchange.query(InvoiceParameter.self))
        let (invoices, next) = try await billing.invoices(query, of: caller.account)
        let data = invoices.map { Wire.InvoiceSummary($0, status: billing.status(of: $0)) }
        let capacity = 128 + 384 * data.count
        return query.isPaged
            ? .ok(Wire.Page(data, next: next?.text), capacity: capacity)
            : .ok(Wire.DataAnswer(data), capacity: capacity)
    }

    /// In the form that the caller would have; JSON unless another is named.
    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let (id, account) = (exchange.id, caller.account)
        switch DocumentAnswers.form(of: InvoiceForm.self, exchange) ?? .json {
        case .json:
            let outline = try await billing.outline(id, of: account)
            let status = billing.status(of: outline.invoice.summary)
            let content = Wire.DataAnswer(Wire.Invoice(outline, status: status))
            return Answer(
                .ok, content.json(capacity: 1024 + 320 * outline.invoice.lines.count),
                headers: [DocumentAnswers.varies])
        case .html:
            return DocumentAnswers.page(try await documents.page(of: id, account: account))
        case .csv:
            let (number, text) = try await documents.table(of: id, account: account)
            return DocumentAnswers.file(Array(text.utf8), as: .csv, "invoice-\(number).csv")
        case .pdf where exchange.request.method == .head:
            let (number, bytes) = try await documents.pdfSize(of: id, account: account)
            return DocumentAnswers.head(ofPDF: "invoice-\(number).pdf", bytes: bytes)
        case .pdf:
            let (number, bytes) = try await documents.pdf(of: id, account: account)
            return DocumentAnswers.file(bytes, as: .pdf, "invoice-\(number).pdf")
        }
    }
}

extension Wire.InvoiceSummary {
    init(_ invoice: InvoiceSummary, status: InvoiceSummary.Status) {
        self.init(
            id: invoice.id.text, number: invoice.number, kind: invoice.kind.rawValue,
            month: invoice.month.description, domain: invoice.purchase?.name,
            issuedAt: Wire.Timestamp(invoice.issuedAt),
            dueAt: Wire.Timestamp(invoice.dueAt), status: status.rawValue, gst: invoice.tax.rawValue,
            sumCents: invoice.sum.cents,
            taxCents: invoice.taxAmount.cents, totalCents: invoice.total.cents, openCents: invoice.open.cents)
    }
}

extension Wire.Invoice {
    init(_ outline: InvoiceOutline, status: InvoiceSummary.Status) {
        let invoice = outline.invoice
        self.init(
            summary: Wire.InvoiceSummary(invoice.summary, status: status), timeZone: invoice.timeZone,
            period: Wire.Usage.Period(invoice.period), seller: Party(invoice.seller), buyer: Party(invoice.buyer),
            paymentInstructions: invoice.paymentInstructions, lineCount: outline.lineCount,
            lines: invoice.lines.map(Wire.InvoiceLine.init), purchase: invoice.purchase.map(Wire.PurchaseLine.init),
            settlements: invoice.settlements.map { settlement in
                Settlement(
                    means: settlement.means.rawValue.replacing("-", with: "_"), cents: settlement.amount.cents,
                    at: Wire.Timestamp(settlement.at))
            },
            adjustments: invoice.adjustments.map(Adjustment.init))
    }
}

extension Wire.Invoice.Adjustment {
    init(_ adjustment: Adjustment) {
        self.init(
            id: adjustment.id.text, number: adjustment.number, issuedAt: Wire.Timestamp(adjustment.issuedAt),
            cents: adjustment.amount.cents, taxCents: adjustment.tax.cents, reason: adjustment.reason)
    }
}

extension Wire.Invoice.Party {
    init(_ party: Party) {
        self.init(name: party.name, abn: party.businessNumber, address: party.address, email: party.email)
    }
}

extension Wire.PurchaseLine {
    init(_ line: PurchaseLine) {
        self.init(
            domainID: line.domain.text, domain: line.name, description: line.text, act: line.act.rawValue,
            years: line.years, priceCents: line.price.cents, from: Wire.Timestamp(line.from),
            to: Wire.Timestamp(line.to), cents: line.amount.cents, taxCents: line.tax.cents)
    }
}

extension Wire.InvoiceLine {
    init(_ line: InvoiceLine) {
        self.init(
            line: line.position, serverID: line.server.text, serverName: line.serverName,
            span: Wire.Usage.Span(
                plan: line.plan.text, planName: line.planName, priceCents: line.price.cents,
                from: Wire.Timestamp(line.from), to: Wire.Timestamp(line.to), cents: line.amount.cents),
            taxCents: line.tax.cents)
    }
}
