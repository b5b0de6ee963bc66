import Cloud
import Foundation
import Kernel
import Providers

/// The demonstration's account with a way to pay, a key for the API and one for SSH: made once, and found
/// again at the next start.
struct DemoAccount: Sendable {
    static let email = "demo@caiport.test"

    let id: AccountID
    let apiKey: Secret<String>

    /// Each part is made when it is missing, so that a start that was cut short is completed by the next.
    static func prepare(in folder: DemoFolder, of cloud: Cloud, randomness: some Randomness) async throws -> DemoAccount
    {
        try folder.make()
        let sshKey = try await sshKey(in: folder)
        if let kept = folder.line(folder.apiKey), let caller = try await cloud.accounts.authenticate(kept) {
            try await add(sshKey, to: caller.account, of: cloud)
            try await addRegistrant(to: caller.account, of: cloud)
            return DemoAccount(id: caller.account, apiKey: Secret(kept))
        }
        let made = try await newKey(in: folder, of: cloud, randomness: randomness)
        try folder.keep(made.key.text, in: folder.apiKey)
        try await add(sshKey, to: made.account, of: cloud)
        try await addRegistrant(to: made.account, of: cloud)
        return DemoAccount(id: made.account, apiKey: made.key.text)
    }

    /// A key for the account of an earlier start, or for a new one.
    private static func newKey(
        in folder: DemoFolder, of cloud: Cloud, randomness: some Randomness
    ) async throws -> (account: AccountID, key: APIKey) {
        if let admin = try await existing(in: cloud) {
            return (admin.account, try await cloud.accounts.createKey(KeyOrder(name: "demo"), by: admin).key)
        }
        // The password is kept first: an account whose password nobody knows is of little use.
        let password = Secret(randomness.bytes(16).hex)
        try folder.keep(password, in: folder.password)
        let created = try await cloud.accounts.create(
            NewAccount(email: email, password: Password(chosen: password.exposed), hasPaymentMethod: true))
        return (created.id, created.key)
    }

    private static func existing(in cloud: Cloud) async throws -> Requester? {
        do {
            return try await cloud.admin(of: email)
        } catch let refusal as Refusal where refusal.code == .notFound {
            return nil
        }
    }

    /// The public key; both are made when either is missing.
    private static func sshKey(in folder: DemoFolder) async throws -> String {
        let isThere = access(folder.privateKey, R_OK) == 0
        if isThere, let line = folder.line(folder.publicKey) { return line }
        unlink(folder.privateKey)
        unlink(folder.publicKey)
        let result = try await runProgram(
            "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", email, "-f", folder.privateKey], limit: .seconds(30))
        guard result.succeeded, let line = folder.line(folder.publicKey) else {
            throw Complaint("Cannot make an SSH key: \(result.complaint)")
        }
        return line
    }

    private static func add(_ line: String, to account: AccountID, of cloud: Cloud) async throws {
        let admin = Requester(account: account, address: "local", requestID: "demo", means: .admin)
        do {
            _ = try await cloud.sshKeys.add(name: "demo", publicKey: line, by: admin)
        } catch let refusal as Refusal where refusal.code == .conflict {
            // It is there since the last start.
        }
    }

    /// A holder that no register has, under whom the sandbox registrar sells names below `.au` as well.
    private static func addRegistrant(to account: AccountID, of cloud: Cloud) async throws {
        let admin = Requester(account: account, address: "local", requestID: "demo", means: .admin)
        do {
            guard try await cloud.domains.registrant(of: account) == nil else { return }
            let contact = Registrant.Contact(
                name: "Demonstration", email: email, phone: "+61.200000000", street: "1 Example Street", city: "Sydney",
                state: "NSW", postcode: "2000", country: "AU")
            let holder = try Registrant(
                legalName: "Demonstration", identity: .init(.businessNumber, "10 000 000 000"),
                eligibility: .soleTrader,
                contact: contact)
            try await cloud.domains.setRegistrant(holder, by: admin)
        } catch let refusal as Refusal where refusal.code == .unavailable {
            // Without a name service there is nothing to hold.
        }
    }
}
