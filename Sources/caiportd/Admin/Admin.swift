import ArgumentParser

/// What an operator does to accounts. Works beside a running daemon.
struct Admin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make accounts, keys and limits; also beside a running daemon.",
        subcommands: [
            CreateAccount.self, CreateKey.self, RevokeKey.self, AddPaymentMethod.self, SetLimits.self,
        ])
}

/// What every admin command can be told.
struct AdminFlags: ParsableArguments {
    @OptionGroup var data: DataFlags
    @Flag(help: "Print JSON: the answer on the standard output, a refusal on the standard error.") var json = false
}

/// The account that an admin command is about.
struct AccountFlag: ParsableArguments {
    @Option(name: .customLong("account"), help: ArgumentHelp("The account's id or e-mail address.", valueName: "id"))
    var name: String
}
