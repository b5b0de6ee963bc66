import Kernel

extension Accounts {
    /// Says whether the account's owner runs the installation, and may open the operators' pages. Safe to ask for twice.
    /// - Throws: `Refusal.notFound`.
    package func setOperator(_ isOperator: Bool, by requester: Requester) async throws {
        try await change(
            requester.account,
            [
                Write(
                    "account.operator",
                    "UPDATE accounts SET operator = \(isOperator) WHERE id = \(requester.account)"),
                try audit().entry(
                    isOperator ? "account.make-operator" : "account.end-operator", on: requester.account.text,
                    by: requester),
            ])
    }
}
