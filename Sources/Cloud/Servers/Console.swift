import Kernel

extension Servers {
    /// The last 64 KiB of the server's serial console, valid UTF-8; empty when there is none (yet, or any more).
    ///
    /// - Throws: `Refusal.notFound`, `Refusal.unavailable`.
    package func console(of id: String, account: AccountID) async throws -> String {
        let server = try await show(id, of: account)
        do {
            return try await engines.engine(of: server).console(of: server.id)
        } catch is MachineError {
            throw Refusal(.unavailable, "The console cannot be read now; try again", retryAfter: .seconds(1))
        }
    }
}
