import Crypto
import Kernel

/// Counts what is tried in vain: five times at once, then after a pause that doubles up to a quarter of an hour.
///
/// An attempt is counted before it is looked at, so that a hundred at once are not a hundred guesses. What was tried
/// need not exist: nobody learns from the pause whether it does.
struct Attempts: Sendable {
    let database: any Database
    let time: any Timekeeper

    /// What a row is about; the raw value is a part of its key.
    enum Matter: String {
        case password
        case code
        case letter
    }

    static let free = 5
    private static let firstPause = Duration.seconds(15)
    private static let longestPause = Duration.seconds(900)
    /// After this long without an attempt the count begins anew.
    static let keptFor = Duration.seconds(86_400)

    /// How long to wait after so many attempts.
    static func pause(after count: Int) -> Duration {
        guard count >= free else { return .zero }
        return min(longestPause, firstPause * (1 << min(count - free, 10)))
    }

    private static func key(_ matter: Matter, _ subject: String) -> String {
        SHA256.hash(data: Array("\(matter.rawValue):\(subject)".utf8)).hex
    }

    /// Counts one attempt.
    /// - Throws: `Refusal.rateLimited` with the time to wait.
    func count(_ matter: Matter, of subject: String) async throws {
        let key = Self.key(matter, subject)
        for _ in 0..<Self.tries {
            let now = time.now
            let row = try await database.read("SELECT count, at, next_at FROM attempts WHERE subject = \(key)").first
            let seen = try row?.int("count") ?? 0
            let at = try row?.instant("at") ?? now
            let next = try row?.instant("next_at") ?? now
            // A pause longer than the longest is one from before the clock was set back.
            if next > now, next - now <= Self.longestPause { throw Self.refusal(next - now) }
            let count = now - at > Self.keptFor ? 1 : seen + 1
            do {
                try await database.commit([
                    Write(
                        "attempt.count",
                        """
                        INSERT INTO attempts (subject, count, at, next_at)
                        VALUES (\(key), \(count), \(now), \(now + Self.pause(after: count)))
                        ON CONFLICT (subject) DO UPDATE SET count = excluded.count, at = excluded.at,
                            next_at = excluded.next_at
                        WHERE attempts.count = \(seen)
                        """)
                ])
                return
            } catch let unmet as Unmet where unmet.label == "attempt.count" {
                // Another attempt came in between.
            }
        }
        throw Self.refusal(.seconds(1))
    }

    private static let tries = 5

    /// Forgets the attempts of who proved to be right.
    func forget(_ matter: Matter, of subject: String) -> Write {
        Write(
            "attempt.forget", touching: 0...1,
            "DELETE FROM attempts WHERE subject = \(Self.key(matter, subject))")
    }

    private static func refusal(_ pause: Duration) -> Refusal {
        let seconds = max(1, (pause.wholeMicroseconds + 999_999) / 1_000_000)
        return Refusal(
            .rateLimited,
            "There were too many attempts: try again in \(seconds) \(seconds == 1 ? "second" : "seconds")",
            retryAfter: .seconds(seconds))
    }
}

extension Accounts {
    var attempts: Attempts { Attempts(database: database, time: time) }
}
