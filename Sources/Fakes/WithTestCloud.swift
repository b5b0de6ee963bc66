import Cloud
import Kernel

/// Runs `body` with the product over a fresh database of this kind.
package func withTestCloud<Answer: Sendable>(
    _ kind: TestDatabase.Kind, _ body: @Sendable (TestCloud) async throws -> Answer
) async throws -> Answer {
    let dialect: Dialect = kind == .sqlite ? .sqlite : .postgres
    return try await withTestDatabase(kind, migrations: try Schema.migrations(for: dialect)) { database in
        try await body(TestCloud(database))
    }
}
