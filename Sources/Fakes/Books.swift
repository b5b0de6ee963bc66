import Cloud

/// What must be true of the database and the engine once all work is done, whatever happened before. Answers
/// the sentences of what is not; here whatever still moves is not done.
package struct Books: Sendable {
    private let test: TestCloud

    package init(_ test: TestCloud) {
        self.test = test
    }

    package func faults() async throws -> [String] {
        try await test.cloud.check(pauses: []).verdicts.flatMap { verdict in
            verdict.broken.shown.map { "\(verdict.id): \($0.subject): \($0.words)" }
                + verdict.moving.shown.map { "\(verdict.id): \($0.subject) still moves: \($0.words)" }
        }
    }
}
