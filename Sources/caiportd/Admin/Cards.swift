import ArgumentParser
import Cloud
import Foundation
import Kernel
import Web

struct BeginCardSetup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "begin-card-setup",
        abstract: "Print the address of the processor's page where an account's owner enters a card.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("Where the page leads afterwards; --public-url unless given.", valueName: "url"))
    var returnTo: String?
    @Option(Settings.publicURL) var publicURL: String?
    @OptionGroup var processor: ProcessorFlags
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        var desk = AdminDesk(flags: flags)
        desk.processor = processor
        try await desk.perform { cloud in
            let url = try address()
            let admin = try await cloud.admin(of: account.name)
            let page = try await cloud.processing.beginSetup(returningTo: url, by: admin)
            return AdminAnswer(fields: [("account_id", admin.account.text), ("url", page)])
        }
    }

    /// Where the customer's browser goes from the processor's page.
    private func address() throws -> String {
        if let returnTo {
            let url = URLComponents(string: returnTo)
            guard let scheme = url?.scheme, ["http", "https"].contains(scheme), url?.host?.isEmpty == false else {
                throw Complaint("--return-to must be an http or https URL, such as https://cloud.example/")
            }
            return returnTo
        }
        let configuration = try flags.configuration([(Settings.publicURL, publicURL)])
        if let url = try configuration[Settings.publicURL] { return "\(url)/" }
        let address = try configuration[Settings.listen]
        guard address.isLoopback else {
            throw Complaint(
                "Say by --return-to or --public-url where the page is to lead afterwards: customers do not reach "
                    + "\(address)")
        }
        return "http://\(address)/"
    }
}

struct RefundPayment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refund",
        abstract: "Give an account's credit back to the card a payment came from; the daemon does it.")

    @Option(help: ArgumentHelp("The payment's id.", valueName: "id")) var payment: String
    @Option(help: ArgumentHelp("How much, in cents AUD.", valueName: "cents")) var cents: Int64
    @OptionGroup var act: ReferenceFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            var remark: String?
            if let known = try await cloud.billing.find(payment: payment) {
                remark = try await act.remark(in: cloud, of: known.account)
            }
            let refund = try await cloud.processing.refund(
                payment, Money(cents: cents), reference: act.reference
            ) { account in
                try await cloud.admin(of: account.text)
            }
            return AdminAnswer(
                fields: [("id", refund), ("payment", payment)], numbers: [("cents", cents)], remark: remark)
        }
    }
}
