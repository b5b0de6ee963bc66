import ArgumentParser
import Cloud
import Kernel

struct CreateKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a further API key for an account.")

    @OptionGroup var account: AccountFlag
    @Option(help: "What the key is called in lists.") var name = "admin"
    @Option(help: ArgumentHelp("After how many days it stops to work.", valueName: "days")) var expires: Int?
    @Flag(help: "A key that may read and change nothing.") var readOnly = false
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let created = try await cloud.accounts.createKey(
                KeyOrder(name: name, days: expires, isReadOnly: readOnly), by: try await cloud.admin(of: account.name))
            return AdminAnswer(
                fields: [("key_id", created.id.text), ("name", name), ("api_key", created.key.text.exposed)],
                remark: "Keep the API key: it is not shown again.")
        }
    }
}

struct RevokeKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End an API key; within a second no daemon takes it any more.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("The key's id.", valueName: "key_id")) var key: String
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            try await cloud.accounts.revokeKey(key, by: try await cloud.admin(of: account.name))
            return AdminAnswer(fields: [("key_id", key), ("status", "revoked")])
        }
    }
}

extension Cloud {
    /// The operator at this host, acting on the account of this id or e-mail address.
    /// - Throws: `Refusal.notFound`.
    func admin(of account: String) async throws -> Requester {
        Requester(account: try await accounts.find(account), address: "local", requestID: "admin", means: .admin)
    }
}
