import ArgumentParser
import Cloud
import Kernel

/// What an operator does about money that came in.
struct Payments: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Record payments, list and reverse them, and see to cards.",
        subcommands: [
            RecordPayment.self, ListPayments.self, ReversePayment.self, BeginCardSetup.self, RefundPayment.self,
        ])
}

struct RecordPayment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record money that came in: it pays the oldest invoice first, and what is over becomes credit.",
        discussion: "The same method and reference a second time change nothing.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("How much, in cents AUD.", valueName: "cents")) var cents: Int64
    @Option(help: ArgumentHelp("How it was paid.", valueName: "method")) var method = "bank-transfer"
    @Option(help: ArgumentHelp("The bank's own name for it.", valueName: "text")) var reference: String
    @Option(help: ArgumentHelp("When it came in, such as 2026-11-30T12:00:00Z; now unless given.", valueName: "time"))
    var receivedAt: String?
    @OptionGroup var flags: AdminFlags

    func validate() throws {
        if let receivedAt, MomentText.instant(receivedAt) == nil { throw ValidationError(MomentText.rule) }
    }

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let payment = try NewPayment(
                amount: Money(cents: cents), method: method, reference: reference,
                receivedAt: receivedAt.flatMap(MomentText.instant) ?? SystemTime().now)
            let recorded = try await cloud.billing.recordPayment(payment, by: try await cloud.admin(of: account.name))
            let rows: [[AdminTable.Cell]] = recorded.settled.map {
                [.text($0.invoice.text), .number($0.number), .money($0.amount.cents)]
            }
            return AdminAnswer(
                fields: [
                    ("id", recorded.id.text), ("account_id", recorded.account.text), ("method", recorded.method),
                    ("reference", recorded.reference),
                ], numbers: [("cents", recorded.amount.cents), ("credited_cents", recorded.credited.cents)],
                tables: [AdminTable(name: "settled", columns: ["invoice", "number", "amount_cents"], rows: rows)])
        }
    }
}

struct ListPayments: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List an account's payments.")

    @OptionGroup var account: AccountFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let account = try await cloud.accounts.find(account.name)
            let rows: [[AdminTable.Cell]] = try await cloud.billing.payments(of: account).map {
                [
                    .text($0.id.text), .text(MomentText.text($0.receivedAt)), .money($0.amount.cents),
                    .money($0.credited.cents), .text($0.method), .text($0.reference), .money($0.reversed.cents),
                ]
            }
            let columns = [
                "id", "received_at", "amount_cents", "credited_cents", "method", "reference", "reversed_cents",
            ]
            return AdminAnswer(
                fields: [("account_id", account.text)],
                tables: [AdminTable(name: "payments", columns: columns, rows: rows)])
        }
    }
}

/// An operator's name for an act upon an account's money.
struct ReferenceFlag: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Your name for this, one of a kind for the account: said again after a lost answer, it changes nothing.",
            valueName: "text"))
    var reference: String?

    /// What to say of an act that was done before; nil of a new one.
    func remark(in cloud: Cloud, of account: AccountID) async throws -> String? {
        try await cloud.billing.isRecorded(reference, of: account)
            ? "This was recorded under that reference before; nothing was changed." : nil
    }
}

/// What an operator gives and takes back.
struct CreditCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credit", abstract: "Grant an account credit, take it back, or pay it out.",
        subcommands: [GrantCredit.self, RevokeCredit.self, RefundCredit.self])
}

struct GrantCredit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Give an account credit, which pays its open invoices, the oldest first, and then the next ones.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("How much, in cents AUD.", valueName: "cents")) var cents: Int64
    @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
    @OptionGroup var act: ReferenceFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let admin = try await cloud.admin(of: account.name)
            let remark = try await act.remark(in: cloud, of: admin.account)
            let grant = try await cloud.billing.grantCredit(
                Money(cents: cents), because: reason, reference: act.reference, by: admin)
            return AdminAnswer(
                fields: [
                    ("id", grant.id.text), ("account_id", grant.account.text), ("reason", grant.reason),
                    ("recorded_at", MomentText.text(grant.grantedAt)),
                ],
                numbers: [("cents", grant.amount.cents)], remark: remark)
        }
    }
}

struct RevokeCredit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take back what is left of credit that was granted; what the customer paid in stays.")

    @Option(help: ArgumentHelp("The grant's id.", valueName: "id")) var grant: String
    @OptionGroup var act: ReferenceFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            guard let known = try await cloud.billing.grant(grant) else {
                throw Refusal(.notFound, "No such grant of credit")
            }
            let remark = try await act.remark(in: cloud, of: known.account)
            let revoked = try await cloud.billing.revokeCredit(
                grant, reference: act.reference, by: try await cloud.admin(of: known.account.text))
            return AdminAnswer(fields: [("id", grant)], numbers: [("revoked_cents", revoked.cents)], remark: remark)
        }
    }
}

struct RefundCredit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refund", abstract: "Note that credit was paid out to the account's owner.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("How much, in cents AUD.", valueName: "cents")) var cents: Int64
    @Option(help: ArgumentHelp("How it was paid out.", valueName: "method")) var method = "bank-transfer"
    @Option(help: ArgumentHelp("The bank's own name for it.", valueName: "text")) var reference: String
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let admin = try await cloud.admin(of: account.name)
            try await cloud.billing.refundCredit(
                Money(cents: cents), method: method, reference: reference, by: admin)
            return AdminAnswer(
                fields: [("account_id", admin.account.text), ("reference", reference)], numbers: [("cents", cents)])
        }
    }
}

/// Who an account's invoices are made out to.
struct BillingDetailsCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "billing-details", abstract: "Set who an account's invoices are made out to.",
        subcommands: [SetBillingDetails.self])
}

struct SetBillingDetails: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set who an account's further invoices are made out to.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("The buyer's name.", valueName: "name")) var name: String
    @Option(help: ArgumentHelp("The buyer's address; lines are separated by ;.", valueName: "lines")) var address = ""
    @Option(help: ArgumentHelp("The buyer's Australian Business Number.", valueName: "abn")) var abn = ""
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let lines = address.split(separator: ";").map { String($0.trimmingPrefix(while: \.isWhitespace)) }
            let details = try BillingDetails(name: name, address: lines, businessNumber: abn)
            let admin = try await cloud.admin(of: account.name)
            try await cloud.billing.setBillingDetails(details, by: admin)
            return AdminAnswer(
                fields: [
                    ("account_id", admin.account.text), ("name", name),
                    ("address", lines.joined(separator: "; ")), ("abn", details.businessNumber?.description ?? ""),
                ])
        }
    }
}
