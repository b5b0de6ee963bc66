import Kernel

/// What those see and do who run the installation: across all accounts.
///
/// Nothing here asks who is asking: the pages let operators in and nobody else.
package struct Operators: Sendable {
    let database: any Database
    let time: any Timekeeper
    let randomness: any Randomness
    let engines: Engines
    /// Called when there is new work for the workers.
    let wake: @Sendable () -> Void

    /// What is listed at once.
    package static let most = 100

    func audit() -> Audit { Audit(time: time, randomness: randomness) }

    /// Everything that operators did, here and at the command line.
    package func log(_ query: AuditQuery) async throws -> AuditPage {
        try await AuditPage.read(query, "audit.actor IN ('admin', 'operator')", from: database)
    }

    /// What was done to one account.
    package func log(_ query: AuditQuery, of account: AccountID) async throws -> AuditPage {
        try await AuditPage.read(query, "audit.account_id = \(account)", from: database)
    }
}
