import Kernel

/// Who may use the cloud, with which keys and within which limits.
package struct Accounts: Sendable {
    let database: any Database
    let time: any Timekeeper
    let randomness: any Randomness
    package let passwords: PasswordHasher
    let callers: CallerCache
    /// The months in which customers are told of their spend cap.
    let calendar: BillingCalendar

    /// The limits of an account nobody set others for.
    static let serverLimit = 25
    static let spendCap = Money(cents: 100_000)

    /// The account's limits and what is taken of them.
    /// - Throws: `Refusal.notFound`.
    package func standing(of account: AccountID) async throws -> AccountStanding {
        guard let standing = try await AccountStanding.read(account, from: database) else {
            throw Refusal(.notFound, "No such account")
        }
        return standing
    }

    func audit() -> Audit { Audit(time: time, randomness: randomness) }
}
