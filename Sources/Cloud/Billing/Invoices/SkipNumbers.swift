import Kernel
import Logging

/// What is numbered without gaps.
package enum NumberSeries: String, CaseIterable, Sendable {
    case invoice
    /// Of adjustment notes.
    case adjustment
}

extension Billing {
    /// No number is so high that the numbers behind it could ever be used up.
    private static let highestNumber: Int64 = 1_000_000_000_000

    /// Moves the number of the next invoice or adjustment note up, so that a database that was restored from a copy gives none away that
    /// customers have on paper. The numbers in between are never used.
    ///
    /// - Returns: how many numbers were passed over by this; none when that was the next number already.
    /// - Throws: `Refusal.invalid` for a number that is lower than the next one.
    package func skipNumbers(of series: NumberSeries = .invoice, to next: Int64) async throws -> Int64 {
        for _ in 0..<Self.tries {
            let row = try await database.read("SELECT next FROM numbers WHERE series = \(series.rawValue)")[0]
            let current = try row.integer("next")
            guard (current...Self.highestNumber).contains(next) else {
                throw Refusal(
                    .invalid, "The next number is \(current): it can only be raised",
                    fields: ["number": "must be from \(current) to \(Self.highestNumber)"])
            }
            guard next > current else { return 0 }
            do {
                try await database.commit([
                    Write(
                        "numbers.skip",
                        """
                        UPDATE numbers SET next = \(next), skipped = skipped + \(next - current)
                        WHERE series = \(series.rawValue) AND next = \(current)
                        """)
                ])
                logger.warning(
                    "numbers are passed over",
                    metadata: ["series": "\(series.rawValue)", "from": "\(current)", "to": "\(next - 1)"])
                return next - current
            } catch let unmet as Unmet where unmet.label == "numbers.skip" {
                // An invoice took a number between the look and the commit.
            }
        }
        throw Self.overtaken
    }
}
