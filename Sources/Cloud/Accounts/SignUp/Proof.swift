import Kernel

package enum ProofKind: IdentifierKind {
    package static let prefix = "pf"
}

package typealias ProofID = Identifier<ProofKind>

/// What somebody proves by a token that was mailed to them.
package enum ProofPurpose: String, CaseIterable, Sendable {
    /// That the address of a new account is theirs.
    case confirm
    /// That they may set a new password.
    case reset
    /// That the address they would change to is theirs.
    case change

    /// For how long a token is good, from the making of its letter.
    var lifetime: Duration {
        switch self {
        case .confirm, .change: .seconds(86_400)
        case .reset: .seconds(3600)
        }
    }
}

/// A proof that is waited for, as a token shows it.
struct AwaitedProof: Sendable {
    let id: ProofID
    let account: AccountID
    let address: String
    /// Of the account, as it is now.
    let email: String
}

extension Accounts {
    /// How many letters an account is sent in an hour for one purpose; more would be somebody's mischief.
    private static let lettersPerHour = 3

    /// The writes that ask for a proof by letter; none while the account was asked often enough.
    func asking(
        for purpose: ProofPurpose, of account: AccountID, at address: String
    ) async throws -> [Write] {
        let now = time.now
        let recent = try await database.read(
            """
            SELECT COUNT(*) AS n FROM proofs
            WHERE account_id = \(account) AND purpose = \(purpose.rawValue)
                AND created_at > \(now - .seconds(3600)) AND created_at <= \(now)
            """)[0].int("n")
        guard recent < Self.lettersPerHour else { return [] }
        let id = ProofID(from: randomness)
        return [
            Write(
                "proof.ask",
                """
                INSERT INTO proofs (id, account_id, purpose, address, created_at)
                VALUES (\(id), \(account), \(purpose.rawValue), \(address), \(now))
                """),
            try Letter.proof(id).write(for: account, at: now, from: randomness),
        ]
    }

    /// What a token proves; nil when it is malformed, unknown, too old, or its proof was used or overtaken.
    func proof(_ text: String, _ purpose: ProofPurpose) async throws -> AwaitedProof? {
        guard let token = AccessToken(text) else { return nil }
        let row = try await database.read(
            """
            SELECT proofs.id, proofs.account_id, proofs.address, accounts.email
            FROM proof_tokens JOIN proofs ON proofs.id = proof_tokens.proof_id
            JOIN accounts ON accounts.id = proofs.account_id
            WHERE proof_tokens.digest = \(token.digest) AND proof_tokens.expires_at > \(time.now)
                AND proofs.purpose = \(purpose.rawValue) AND proofs.ended_at IS NULL AND accounts.closed_at IS NULL
            """
        ).first
        return try row.map {
            AwaitedProof(
                id: try $0.identifier("id"), account: try $0.identifier("account_id"),
                address: try $0.text("address"), email: try $0.text("email"))
        }
    }

    /// Unmet as `proof.use` when it was used in between.
    func using(_ proof: AwaitedProof) -> Write {
        Write(
            "proof.use", "UPDATE proofs SET ended_at = \(time.now) WHERE id = \(proof.id) AND ended_at IS NULL")
    }

    /// Whatever else was asked for by letter is not to be had any more.
    func overtaking(proofsOf account: AccountID) -> Write {
        Write(
            "proof.overtake", touching: Write.anyNumber,
            "UPDATE proofs SET ended_at = \(time.now) WHERE account_id = \(account) AND ended_at IS NULL")
    }

    static let staleLink = Refusal(
        .invalid, "This link was used already, or it is too old: ask for a new letter",
        fields: ["token": "was used already, or is too old"])
}
