import ArgumentParser
import Cloud
import Kernel

struct AdjustInvoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adjust", abstract: "Correct an invoice that was too high, by an adjustment note.")

    @OptionGroup var invoice: InvoiceFlag
    @Option(help: ArgumentHelp("By how much it was too high, tax included, in cents.", valueName: "cents"))
    var cents: Int64
    @Option(help: ArgumentHelp("Why, as the note says.", valueName: "text")) var reason: String
    @OptionGroup var act: ReferenceFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let found = try await invoice.find(in: cloud)
            let remark = try await act.remark(in: cloud, of: found.admin.account)
            let adjustment = try await cloud.billing.adjust(
                found.invoice, by: Money(cents: cents), because: reason, reference: act.reference, by: found.admin)
            return AdminAnswer(
                fields: [
                    ("id", adjustment.id.text), ("invoice", found.invoice.text), ("reason", adjustment.reason),
                    ("recorded_at", MomentText.text(adjustment.issuedAt)),
                ],
                numbers: [
                    ("number", adjustment.number), ("cents", adjustment.amount.cents),
                    ("tax_cents", adjustment.tax.cents),
                ], remark: remark)
        }
    }
}

struct HoldInvoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Press no more for an invoice until it is released.")

    @OptionGroup var invoice: InvoiceFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws { try await invoice.setHeld(true, flags) }
}

struct ReleaseInvoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Press for an invoice again.")

    @OptionGroup var invoice: InvoiceFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws { try await invoice.setHeld(false, flags) }
}

extension InvoiceFlag {
    fileprivate func setHeld(_ isHeld: Bool, _ flags: AdminFlags) async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let found = try await find(in: cloud)
            try await cloud.billing.setHeld(isHeld, found.invoice, by: found.admin)
            return AdminAnswer(fields: [("invoice", found.invoice.text), ("held", isHeld ? "yes" : "no")])
        }
    }
}

struct WriteOffInvoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write-off",
        abstract: "Give up what is open of an invoice; its account may not buy until you say resume.")

    @OptionGroup var invoice: InvoiceFlag
    @OptionGroup var act: ReferenceFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let found = try await invoice.find(in: cloud)
            let remark = try await act.remark(in: cloud, of: found.admin.account)
            let given = try await cloud.billing.writeOff(found.invoice, reference: act.reference, by: found.admin)
            return AdminAnswer(
                fields: [("invoice", found.invoice.text)],
                numbers: [("written_off_cents", given.amount.cents), ("tax_cents", given.tax.cents)], remark: remark)
        }
    }
}
