import ArgumentParser
import Cloud
import Kernel
import Foundation

struct CreateAccount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make an account with its first API key.")

    @Option(help: ArgumentHelp("The owner's e-mail address.", valueName: "address"))
    var email: String
    @Option(help: "The owner's password; others on this host may read it while the command runs.")
    var password: String?
    @Option(
        help: ArgumentHelp("A file with the password in its first line; - for the standard input.", valueName: "file"))
    var passwordFile: String?
    @Flag(help: "The account is invoiced on your terms, so it may buy.")
    var paymentMethod = false
    @Option(help: ArgumentHelp("An SSH public key, or a file with one, for the account's servers.", valueName: "key"))
    var sshKey: String?
    @OptionGroup var flags: AdminFlags

    func validate() throws {
        guard (password == nil) != (passwordFile == nil) else {
            throw ValidationError(
                "Give the password by either --password or --password-file (- for the standard input)")
        }
    }

    func run() async throws {
        try await AdminDesk(flags: flags, mayBegin: true).perform { cloud in
            let created = try await cloud.accounts.create(
                NewAccount(
                    email: email, password: Password(chosen: try givenPassword()), hasPaymentMethod: paymentMethod,
                    sshKey: try givenKey()))
            return AdminAnswer(
                fields: [
                    ("account_id", created.id.text), ("email", created.email),
                    ("api_key", created.key.text.exposed),
                ], remark: "Keep the API key: it is not shown again.")
        }
    }

    private func givenPassword() throws -> String {
        if let password { return password }
        let path = passwordFile ?? "-"
        let bytes =
            try path == "-"
            ? readAll(0, atMost: 65_536, from: "the password from the standard input")
            : readFile(path, atMost: 65_536, calledThe: "password file")
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.prefix { !$0.isNewline })
    }

    private func givenKey() throws -> SSHPublicKey? {
        guard let sshKey else { return nil }
        // A key has a space after its type; a path seldom has, and can be given as ./path.
        let isKey = ["ssh-", "ecdsa-", "sk-"].contains { sshKey.hasPrefix($0) } && sshKey.contains(" ")
        if isKey { return try SSHPublicKey(sshKey) }
        let bytes = try readFile(sshKey, atMost: 65_536, calledThe: "SSH key file")
        return try SSHPublicKey(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines))
    }
}
