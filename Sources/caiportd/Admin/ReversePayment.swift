import ArgumentParser
import Cloud
import Kernel

struct ReversePayment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reverse",
        abstract: "Take a payment out of the books that its bank took back, or that was recorded in error.",
        discussion: """
            What the account has of its own credit covers it first; for the rest the invoices that it paid are open \
            again, and their collection begins anew today. The customer gets a letter with the reason.
            """)

    @Option(help: ArgumentHelp("The payment's id.", valueName: "id")) var payment: String
    @Option(help: ArgumentHelp("Why, as the customer's letter says.", valueName: "text")) var reason: String
    @Option(
        help: ArgumentHelp(
            "Your name for this, one of a kind for the account: said again after a lost answer, it changes nothing.",
            valueName: "text"))
    var reference: String
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            guard let known = try await cloud.billing.find(payment: payment) else {
                throw Refusal(.notFound, "No such payment")
            }
            let admin = try await cloud.admin(of: known.account.text)
            let wasDone = try await cloud.billing.isRecorded(reference, of: admin.account)
            let reversal = try await cloud.billing.reversePayment(
                payment, because: reason, reference: reference, by: admin)
            let rows: [[AdminTable.Cell]] = reversal.reopened.map {
                [.text($0.invoice.text), .number($0.number), .money($0.amount.cents)]
            }
            return AdminAnswer(
                fields: [
                    ("payment", payment), ("account_id", reversal.account.text), ("reason", reversal.reason),
                    ("recorded_at", MomentText.text(reversal.reversedAt)),
                ],
                numbers: [("cents", reversal.amount.cents), ("from_credit_cents", reversal.fromCredit.cents)],
                tables: [AdminTable(name: "reopened", columns: ["invoice", "number", "amount_cents"], rows: rows)],
                remark: wasDone ? "This was recorded under that reference before; nothing was changed." : nil)
        }
    }
}
