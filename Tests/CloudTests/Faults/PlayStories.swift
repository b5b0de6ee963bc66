import Fakes

extension Story {
    /// Its place among all: tells the small sizes which part of many trials to make with it.
    var number: Int { Self.all.firstIndex(of: self) ?? 0 }

    /// Every n-th of many trials is made in the small size, for each story others; all in the full size.
    func isChosen(_ trial: Int, oneOf count: Int) -> Bool {
        FaultLedger.isFullSize || (trial + number) % count == 0
    }

    /// Runs trials of each story. On SQLite each has a database of its own, so that what one breaks is not found by all
    /// that follow; on PostgreSQL, where a database takes long to make, all share one.
    static func play(
        on kind: TestDatabase.Kind, _ trials: @Sendable (Story, TestCloud) async throws -> [FaultLedger]
    ) async throws -> [FaultLedger] {
        let stories = kind == .sqlite || FaultLedger.isFullSize ? all : all.filter { $0.number % 8 == 0 }
        var ledgers: [FaultLedger] = []
        switch kind {
        case .sqlite:
            for story in stories { ledgers += try await withTestCloud(kind) { try await trials(story, $0) } }
        case .postgres:
            ledgers += try await withTestCloud(kind) { test in
                var ledgers: [FaultLedger] = []
                for story in stories { ledgers += try await trials(story, test) }
                return ledgers
            }
        }
        return FaultLedger.table(ledgers)
    }
}
