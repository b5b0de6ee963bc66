import ArgumentParser
import Cloud
import Kernel

struct SuspendAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Let an account be read and nothing else; its servers stay as they are and are charged.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("Why, for the audit log.", valueName: "text")) var reason: String
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let admin = try await cloud.admin(of: account.name)
            try await cloud.accounts.suspend(because: reason, by: admin)
            return AdminAnswer(fields: [("account_id", admin.account.text), ("suspended", "yes")])
        }
    }
}

struct ResumeAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let an account go on: end its suspension, and let it buy although an invoice was written off.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("Why, for the audit log.", valueName: "text")) var reason: String?
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let admin = try await cloud.admin(of: account.name)
            let ended = try await cloud.accounts.resume(because: reason, by: admin)
            return AdminAnswer(fields: [
                ("account_id", admin.account.text), ("was_suspended", ended.wasSuspended ? "yes" : "no"),
                ("had_defaulted", ended.hadDefaulted ? "yes" : "no"),
            ])
        }
    }
}
