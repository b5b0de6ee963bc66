import Kernel

extension Servers {
    /// Words about where the work on a server stands, such as "Booting"; nil when none is under way or nothing
    /// is to be said of it.
    package func progress(of server: ServerID, account: AccountID) async throws -> String? {
        try await database.read(
            """
            SELECT note FROM workflows WHERE subject = \(server) AND account_id = \(account) AND open = 1
            """
        ).first?.optionalText("note")
    }
}
