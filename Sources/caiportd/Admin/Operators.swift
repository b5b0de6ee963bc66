import ArgumentParser
import Cloud
import Kernel

struct MakeOperator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the owner of an account open the operators' pages, at /operator.")

    @OptionGroup var account: AccountFlag
    @Flag(help: "Take that away again.") var end = false
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let admin = try await cloud.admin(of: account.name)
            try await cloud.accounts.setOperator(!end, by: admin)
            return AdminAnswer(fields: [("account_id", admin.account.text), ("operator", end ? "no" : "yes")])
        }
    }
}
