import Kernel

extension Accounts {
    /// Closes the account: its keys and sessions end, and nobody signs in any more. What it owes stays due, and its
    /// books are kept.
    /// - Throws: `PasswordNeeded`; `Refusal.invalidState` while it has servers, or domains that renew themselves;
    ///   `Refusal.notFound`.
    package func close(by requester: Requester) async throws {
        try requester.requirePassword(at: time.now)
        let account = requester.account
        let now = time.now
        do {
            try await change(
                account,
                [
                    Write(
                        "account.close",
                        """
                        UPDATE accounts SET closed_at = \(now), suspended = 1
                        WHERE id = \(account) AND servers = 0 AND closed_at IS NULL
                        """),
                    Write(
                        "domain.none",
                        """
                        UPDATE accounts SET id = id WHERE id = \(account) AND NOT EXISTS (
                            SELECT 1 FROM domains WHERE account_id = \(account)
                                AND (state = 'pending' OR (state = 'active' AND auto_renew = 1)))
                        """),
                    Write(
                        "key.revoke-all", touching: Write.anyNumber,
                        "UPDATE api_keys SET revoked_at = \(now) WHERE account_id = \(account) AND revoked_at IS NULL"),
                    ending(sessionsOf: account), overtaking(proofsOf: account),
                    try notice(.closed, to: account),
                    try audit().entry("account.close", on: account.text, by: requester),
                    Purchasing.settle(account),
                ])
        } catch let unmet as Unmet where unmet.label == "account.close" {
            throw Refusal(.invalidState, "This account has servers still: destroy them before you close it")
        } catch let unmet as Unmet where unmet.label == "domain.none" {
            throw Refusal(
                .invalidState,
                "This account has domains that renew themselves: turn their renewal off before you close it")
        }
    }
}
