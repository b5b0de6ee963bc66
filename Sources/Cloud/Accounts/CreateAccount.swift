import Kernel

/// An account about to be made by an operator.
package struct NewAccount: Sendable {
    package let email: String
    package let password: Password
    package let hasPaymentMethod: Bool
    package let sshKey: SSHPublicKey?

    package init(
        email: String, password: Password, hasPaymentMethod: Bool, sshKey: SSHPublicKey? = nil
    ) {
        self.email = email
        self.password = password
        self.hasPaymentMethod = hasPaymentMethod
        self.sshKey = sshKey
    }
}

/// An account that was just made, with its first API key, which is shown this once.
package struct CreatedAccount: Sendable {
    package let id: AccountID
    package let email: String
    package let key: APIKey
}

extension Accounts {
    /// Makes an account with one API key, in one commit.
    /// - Throws: `Refusal.invalid` for a bad address or password; `Refusal.conflict` for an address that has
    ///   an account.
    package func create(_ new: NewAccount) async throws -> CreatedAccount {
        let email = try EmailAddress(new.email).text
        let password = try await passwords.hash(new.password).text
        let id = AccountID(from: randomness)
        let key = APIKey.mint(from: randomness)
        let requester = Requester(account: id, address: "local", requestID: "admin", means: .admin)
        var writes = [
            insertion(of: id, email: email, password: password),
            insertion(of: key, as: KeyOrder(name: "first"), for: id).write,
            try audit().entry("account.create", on: id.text, by: requester, detail: ["email": email]),
        ]
        if new.hasPaymentMethod { writes += [insertionOfPaymentMethod(for: id), Purchasing.settle(id)] }
        if let sshKey = new.sshKey {
            let insertion = SSHKeys.insertion(
                sshKey, named: sshKey.comment, for: id, at: time.now, from: randomness)
            writes.append(insertion.write)
        }
        do {
            try await database.commit(writes)
        } catch let unmet as Unmet where unmet.label == "account.insert" {
            throw Refusal(.conflict, "There is an account with this e-mail address already")
        }
        return CreatedAccount(id: id, email: email, key: key)
    }

    /// - Parameter unconfirmed: whether the address has still to be proved.
    func insertion(of id: AccountID, email: String, password: String, unconfirmed: Bool = false) -> Write {
        Write(
            "account.insert",
            """
            INSERT INTO accounts
                (id, email, password, created_at, server_limit, spend_cap_cents, may_buy, may_buy_reason, unconfirmed)
            VALUES (\(id), \(email), \(password), \(time.now), \(Self.serverLimit), \(Self.spendCap), 0,
                \(Self.noPaymentMethod), \(unconfirmed))
            """)
    }

    static let noPaymentMethod = "Add a payment method before deploying"
    static let suspendedReason = "This account is suspended"
    static let defaultedReason = "An invoice of yours was given up unpaid: get in touch to buy again"
}

/// An e-mail address, lower-cased. Only what every mail system agrees on is checked; whether it is
/// anybody's, only a letter can tell.
package struct EmailAddress: Hashable, Sendable {
    package let text: String

    /// - Throws: `Refusal.invalid` with the field `email`.
    package init(_ text: String) throws {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPrintable = text.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 32 && $0.value < 127 }
        guard parts.count == 2, isPrintable, (1...64).contains(parts[0].utf8.count), text.utf8.count <= 254,
            parts[1].contains("."), !parts[1].hasPrefix("."), !parts[1].hasSuffix(".")
        else {
            throw Refusal(
                .invalid, "This is not an e-mail address",
                fields: ["email": "must be an address such as me@example.com"])
        }
        self.text = text.lowercased()
    }
}
