import ArgumentParser
import Cloud
import Kernel

/// What an operator does about letters that could not be sent.
struct Letters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List letters that were given up, have them tried again, or say that you told the customer.",
        subcommands: [ListLetters.self, RetryLetter.self, SettleLetter.self])
}

struct ListLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List letters that could not be sent for three days; the oldest 1000.")

    private static let most = 1000

    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let rows: [[AdminTable.Cell]] = try await cloud.givenUpLetters.list(limit: Self.most).map {
                [
                    .text($0.id.text), .text($0.account.text), .text($0.kind), .text(MomentText.text($0.writtenAt)),
                    .text(MomentText.text($0.givenUpAt)),
                ]
            }
            let columns = ["id", "account_id", "kind", "written_at", "given_up_at"]
            return AdminAnswer(fields: [], tables: [AdminTable(name: "letters", columns: columns, rows: rows)])
        }
    }
}

struct RetryLetter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "retry", abstract: "Have a letter tried again.")

    @Option(help: ArgumentHelp("The letter's id.", valueName: "id")) var letter: String
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            try await cloud.givenUpLetters.retry(letter) { try await cloud.admin(of: $0.text) }
            return AdminAnswer(fields: [("id", letter), ("state", "waiting")])
        }
    }
}

struct SettleLetter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle", abstract: "Say that you told the customer in some other way.",
        discussion: "A warning counts as given from now on: the days that it names are left.")

    @Option(help: ArgumentHelp("The letter's id.", valueName: "id")) var letter: String
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            try await cloud.givenUpLetters.settle(letter) { try await cloud.admin(of: $0.text) }
            return AdminAnswer(fields: [("id", letter), ("state", "settled")])
        }
    }
}
