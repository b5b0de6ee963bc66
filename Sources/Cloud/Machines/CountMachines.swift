import Kernel

extension Engines {
    /// How many servers of the whole installation have a machine, or pieces of one, on each engine.
    package static func machines(in database: any Database) async throws -> [String: Int] {
        let rows = try await database.read(
            "SELECT engine, COUNT(*) AS machines FROM servers WHERE removed_at IS NULL GROUP BY engine")
        return Dictionary(
            try rows.map { (try $0.text("engine"), try $0.int("machines")) }, uniquingKeysWith: { first, _ in first })
    }
}
