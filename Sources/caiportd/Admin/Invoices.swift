import ArgumentParser
import Cloud
import Kernel

/// What an operator does about invoices.
struct Invoices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Close months; look at invoices, adjust them, hold their collection, write them off.",
        subcommands: [
            CloseInvoices.self, PreviewInvoice.self, ListInvoices.self, ShowInvoice.self, AdjustInvoice.self,
            HoldInvoice.self, ReleaseInvoice.self, WarnedInvoice.self, WriteOffInvoice.self, NextInvoiceNumber.self,
        ])
}

/// The invoice that an admin command is about.
struct InvoiceFlag: ParsableArguments {
    @Option(name: .customLong("invoice"), help: ArgumentHelp("The invoice's id or number.", valueName: "id"))
    var name: String

    /// The operator, acting on the account whose invoice it is.
    /// - Throws: `Refusal.notFound`.
    func find(in cloud: Cloud) async throws -> (invoice: InvoiceID, admin: Requester) {
        let found = try await cloud.billing.find(name)
        return (found.invoice, try await cloud.admin(of: found.account.text))
    }
}

struct CloseInvoices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Invoice every month up to this one that is not closed yet.",
        discussion: """
            A running daemon does this by itself once the invoice day has come, unless its clock has gone on by more \
            than five weeks while it was away. Repeating it changes nothing: each account's month has one invoice. \
            Invoices are issued on the terms that `serve` was last started with.
            """)

    @Option(help: ArgumentHelp("The last month to close, such as 2026-11.", valueName: "month")) var through: String
    @OptionGroup var flags: AdminFlags

    func validate() throws {
        guard Month(through) != nil else { throw ValidationError("--through is a month such as 2026-11") }
    }

    func run() async throws {
        guard let month = Month(through) else { return }
        try await AdminDesk(flags: flags).perform { cloud in
            let closed = try await cloud.billing.close(through: month)
            let rows: [[AdminTable.Cell]] = closed.map {
                [.text($0.month.description), .number(Int64($0.invoices)), .money($0.total.cents)]
            }
            return AdminAnswer(
                fields: [("through", through)],
                tables: [AdminTable(name: "closed", columns: ["month", "invoices", "total_cents"], rows: rows)],
                remark: closed.isEmpty ? "Nothing was left to close." : nil)
        }
    }
}

struct PreviewInvoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Show what an account's invoice would say if nothing happened after a moment; writes nothing.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("The moment, such as 2026-11-30T12:00:00Z; now unless given.", valueName: "time"))
    var at: String?
    @OptionGroup var flags: AdminFlags

    func validate() throws {
        if let at, MomentText.instant(at) == nil { throw ValidationError(MomentText.rule) }
    }

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let moment = at.flatMap(MomentText.instant) ?? SystemTime().now
            let draft = try await cloud.billing.preview(try await cloud.accounts.find(account.name), at: moment)
            return AdminAnswer(
                fields: [
                    ("account_id", draft.account.text), ("month", draft.period.month.description),
                    ("at", MomentText.text(moment)), ("tax", draft.tax.rawValue),
                ],
                numbers: [
                    ("sum_cents", draft.sum.cents), ("tax_cents", draft.taxAmount.cents),
                    ("total_cents", draft.total.cents),
                ], tables: [.lines(draft.lines)])
        }
    }
}

struct ListInvoices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List an account's invoices.")

    @OptionGroup var account: AccountFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let account = try await cloud.accounts.find(account.name)
            let invoices = try await cloud.billing.invoices(of: account).invoices
            let rows: [[AdminTable.Cell]] = invoices.map {
                [
                    .text($0.id.text), .number($0.number), .text($0.purchase?.name ?? $0.month.description),
                    .text(MomentText.text($0.issuedAt)), .text(MomentText.text($0.dueAt)), .money($0.total.cents),
                    .money($0.open.cents), .number(Int64($0.stage)), .flag($0.isHeld),
                ]
            }
            let columns = [
                "id", "number", "for", "issued_at", "due_at", "total_cents", "open_cents", "stage", "held",
            ]
            return AdminAnswer(
                fields: [("account_id", account.text)],
                tables: [AdminTable(name: "invoices", columns: columns, rows: rows)])
        }
    }
}

extension AdminTable {
    static func line(of purchase: PurchaseLine) -> AdminTable {
        AdminTable(
            name: "lines",
            columns: ["line", "domain", "description", "price_cents", "from", "to", "amount_cents", "tax_cents"],
            rows: [
                [
                    .number(1), .text(purchase.name), .text(purchase.text), .money(purchase.price.cents),
                    .text(MomentText.text(purchase.from)), .text(MomentText.text(purchase.to)),
                    .money(purchase.amount.cents), .money(purchase.tax.cents),
                ]
            ])
    }

    static func lines(_ lines: [InvoiceLine]) -> AdminTable {
        AdminTable(
            name: "lines",
            columns: [
                "line", "server", "name", "plan", "price_cents", "from", "to", "seconds", "amount_cents", "tax_cents",
            ],
            rows: lines.map { line in
                [
                    .number(Int64(line.position)), .text(line.server.text), .text(line.serverName),
                    .text(line.planName), .money(line.price.cents), .text(MomentText.text(line.from)),
                    .text(MomentText.text(line.to)), .number(line.seconds), .money(line.amount.cents),
                    .money(line.tax.cents),
                ]
            })
    }
}
