import ArgumentParser
import Cloud
import Kernel

struct WarnedInvoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warned", abstract: "Say that a customer was told what the warnings of an overdue invoice say.",
        discussion: """
            Servers are stopped and destroyed for an overdue invoice only after its warnings reached the customer: handed \
            to a mail system by --mail sendmail, or told by you. This counts for the warnings that were written so far, \
            and from now on: between it and the loss of a server are the days that the warnings name.
            """)

    @OptionGroup var invoice: InvoiceFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let found = try await invoice.find(in: cloud)
            let count = try await cloud.billing.noteWarned(of: found.invoice, by: found.admin)
            return AdminAnswer(
                fields: [("invoice", found.invoice.text)], numbers: [("warnings", Int64(count))],
                remark: count == 0 ? "No warning was written that had not reached the customer." : nil)
        }
    }
}
