import Cloud
import Kernel
import Synchronization

/// The last list of servers that each account was shown: many look at the same list while nothing changes, in several tabs
/// and again and again. It is good for the second it was made in, since ages and costs go on, and until anything at all is
/// committed, by this process or another.
final class ListMemo: Sendable {
    /// What was asked for, by whom.
    struct Question: Hashable {
        let account: AccountID
        /// Behind the question mark, as it came.
        let query: String
    }

    /// At which state of the database, and when.
    struct Moment: Hashable {
        let generation: Int64
        let second: Int64
    }

    private struct Entry {
        let moment: Moment
        let content: HTML
    }

    private static let capacity = 500
    private static let longestQuery = 200

    private let entries = Mutex<[Question: Entry]>([:])

    func recall(_ question: Question, at moment: Moment) -> HTML? {
        entries.withLock { entries in
            guard let entry = entries[question], entry.moment == moment else { return nil }
            return entry.content
        }
    }

    /// - Parameter moment: from before the list was read.
    func keep(_ content: HTML, for question: Question, at moment: Moment) {
        guard question.query.utf8.count <= Self.longestQuery else { return }
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries[question] = Entry(moment: moment, content: content)
        }
    }
}
