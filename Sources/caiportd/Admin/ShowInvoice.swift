import ArgumentParser
import Cloud
import Foundation
import Kernel
import Providers

struct ShowInvoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an invoice with its lines and whatever was done about it.",
        discussion: """
            As html, csv and pdf it is what its customer gets: for a letter, or for the accountant. A pdf is printed \
            with weasyprint.
            """)

    /// What it is shown as.
    enum Form: String, CaseIterable, ExpressibleByArgument {
        case text, html, csv, pdf
    }

    @OptionGroup var invoice: InvoiceFlag
    @Option(help: "What to show it as.") var format = Form.text
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where to write it; the standard output unless given.", valueName: "file"))
    var output: String?
    @OptionGroup var flags: AdminFlags

    func validate() throws {
        if format == .text, output != nil { throw ValidationError("-o is for --format html, csv or pdf") }
        if format != .text, flags.json { throw ValidationError("--json is for --format text") }
        if format == .pdf, output == nil, Standard.output.isTerminal {
            throw ValidationError("A PDF is nothing for a terminal: say where to write it with -o")
        }
    }

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let found = try await invoice.find(in: cloud)
            let (id, account) = (found.invoice.text, found.admin.account)
            if format == .text { return AdminAnswer(try await cloud.billing.invoice(id, of: account)) }
            let bytes = try await document(id, of: account, in: cloud)
            guard let output else {
                Standard.output.write(bytes)
                return AdminAnswer(fields: [])
            }
            try write(bytes, to: output)
            return AdminAnswer(fields: [("invoice", id), ("file", output)], numbers: [("bytes", Int64(bytes.count))])
        }
    }

    /// The customers' PDF files are the daemon's: what is printed here is not kept.
    private func document(_ id: String, of account: AccountID, in cloud: Cloud) async throws -> [UInt8] {
        let documents = InvoiceDocuments(billing: cloud.billing, printer: WeasyPrint())
        switch format {
        case .text: return []
        case .html: return Array(try await documents.page(of: id, account: account).text.utf8)
        case .csv: return Array(try await documents.table(of: id, account: account).text.utf8)
        case .pdf: return try await documents.pdf(of: id, account: account).bytes
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(Complaint) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            let reason = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
            throw Complaint("Cannot write \(path)", errno: reason.map(Int32.init) ?? EIO)
        }
    }
}

extension AdminAnswer {
    fileprivate init(_ invoice: Invoice) {
        let summary = invoice.summary
        let settlements: [[AdminTable.Cell]] = invoice.settlements.map {
            [.text($0.means.rawValue), .money($0.amount.cents), .text(MomentText.text($0.at))]
        }
        let adjustments: [[AdminTable.Cell]] = invoice.adjustments.map {
            [
                .number($0.number), .text(MomentText.text($0.issuedAt)), .money($0.amount.cents), .money($0.tax.cents),
                .text($0.reason),
            ]
        }
        self.init(
            fields: [
                ("id", summary.id.text), ("account_id", summary.account.text), ("kind", summary.kind.rawValue),
                ("month", summary.month.description), ("time_zone", invoice.timeZone),
                ("issued_at", MomentText.text(summary.issuedAt)),
                ("due_at", MomentText.text(summary.dueAt)), ("tax", summary.tax.rawValue),
                ("seller", invoice.seller.name), ("buyer", invoice.buyer.name),
                ("held", summary.isHeld ? "yes" : "no"),
            ],
            numbers: [
                ("number", summary.number), ("sum_cents", summary.sum.cents), ("tax_cents", summary.taxAmount.cents),
                ("total_cents", summary.total.cents), ("open_cents", summary.open.cents),
                ("stage", Int64(summary.stage)),
            ],
            tables: [
                invoice.purchase.map(AdminTable.line) ?? .lines(invoice.lines),
                AdminTable(name: "settlements", columns: ["means", "amount_cents", "at"], rows: settlements),
                AdminTable(
                    name: "adjustments", columns: ["number", "issued_at", "amount_cents", "tax_cents", "reason"],
                    rows: adjustments),
            ])
    }
}
