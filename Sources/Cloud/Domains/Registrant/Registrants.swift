import Kernel

extension Domains {
    /// Who the account's names are registered to; nil when it has not said.
    /// - Throws: `Refusal.unavailable`.
    package func registrant(of account: AccountID) async throws -> Registrant? {
        _ = try requireService()
        return try await storedRegistrant(of: account)
    }

    /// Says who the account's names are registered to from here on.
    /// - Throws: `Refusal.unavailable`.
    package func setRegistrant(_ registrant: Registrant, by requester: Requester) async throws {
        _ = try requireService()
        let stored = try registrant.stored()
        try await database.commit([
            Write(
                "registrant.set",
                """
                INSERT INTO registrants (account_id, detail, changed_at)
                VALUES (\(requester.account), \(stored), \(time.now))
                ON CONFLICT (account_id) DO UPDATE SET detail = excluded.detail, changed_at = excluded.changed_at
                """),
            try audit().entry(
                "registrant.set", on: requester.account.text, by: requester,
                detail: ["legal_name": registrant.legalName, "id_type": registrant.identity.kind.rawValue]),
        ])
    }

    /// - Throws: `Refusal.invalid` with the field `registrant` where the registry asks for one and there is none.
    func registrant(of account: AccountID, for offer: TopLevelDomain) async throws -> Registrant? {
        let registrant = try await storedRegistrant(of: account)
        guard registrant != nil || !offer.needsRegistrant else {
            let rule = "is required for names ending in .\(offer.suffix): set it with PUT /v1/account/registrant"
            throw Refusal(
                .invalid, "The registry asks who the holder is: registrant \(rule)", fields: ["registrant": rule])
        }
        return registrant
    }

    private func storedRegistrant(of account: AccountID) async throws -> Registrant? {
        try await database.read("SELECT detail FROM registrants WHERE account_id = \(account)").first.map {
            try Registrant(stored: try $0.text("detail"))
        }
    }
}
