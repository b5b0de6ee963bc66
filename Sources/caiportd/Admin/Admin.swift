import ArgumentParser
import Foundation

/// What an operator does to accounts, beside a running daemon, and to the installation, without one.
struct Admin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Make accounts, keys and limits, do what money needs, also beside a running daemon; free a lost host's engine.",
        subcommands: [
            CreateAccount.self, CreateKey.self, RevokeKey.self, AddPaymentMethod.self, RemovePaymentMethod.self,
            SetLimits.self, SuspendAccount.self, ResumeAccount.self, MakeOperator.self, Letters.self,
            ReleaseEngine.self, Invoices.self, Payments.self, CreditCommands.self, BillingDetailsCommands.self,
            Ledger.self,
        ])
}

/// What every admin command can be told.
struct AdminFlags: ParsableArguments {
    @OptionGroup var data: DataFlags
    @Flag(help: "Print JSON: the answer on the standard output, a refusal on the standard error.") var json = false

    func configuration(_ more: [(any AnySetting, String?)] = []) throws -> Configuration {
        try Configuration(flags: data.given + more, environment: ProcessInfo.processInfo.environment)
    }
}

/// The account that an admin command is about.
struct AccountFlag: ParsableArguments {
    @Option(name: .customLong("account"), help: ArgumentHelp("The account's id or e-mail address.", valueName: "id"))
    var name: String
}
