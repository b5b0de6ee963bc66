import Cloud
import Kernel
import Synchronization

/// The last list of servers that each account was given: programs and tabs ask for the same list again and again while
/// nothing changes. It is good for the second it was made in, since ages and costs go on, and until anything at all is
/// committed, by this process or another.
final class ListMemo<Content: Sendable>: Sendable {
    /// What was asked for, by whom.
    private struct Question: Hashable {
        let account: AccountID
        /// Behind the question mark, as it came.
        let query: String
    }

    /// At which state of the database, and when.
    private struct Moment: Hashable {
        let generation: Int64
        let second: Int64
    }

    private struct Entry {
        let moment: Moment
        let content: Content
    }

    private let servers: Servers
    private let time: any Timekeeper
    /// Of a content that is kept, in bytes: the longest lists are asked for seldom, and would take much room.
    private let size: @Sendable (Content) -> Int
    private let entries = Mutex<[Question: Entry]>([:])

    private static var capacity: Int { 500 }
    private static var largest: Int { 65_536 }
    private static var longestQuery: Int { 200 }

    init(of servers: Servers, time: any Timekeeper, size: @escaping @Sendable (Content) -> Int) {
        self.servers = servers
        self.time = time
        self.size = size
    }

    /// What is known to be so still; otherwise what `make` makes.
    func content(
        for query: String, of account: AccountID, _ make: () async throws -> Content
    ) async throws -> Content {
        // Asked before the list is read: what is committed in between makes this too old, never too new.
        guard let generation = servers.generation(), query.utf8.count <= Self.longestQuery else {
            return try await make()
        }
        let moment = Moment(generation: generation, second: time.now.seconds)
        let question = Question(account: account, query: query)
        let entry = entries.withLock { $0[question] }
        if let entry, entry.moment == moment { return entry.content }
        let content = try await make()
        if size(content) <= Self.largest { keep(Entry(moment: moment, content: content), for: question) }
        return content
    }

    private func keep(_ entry: Entry, for question: Question) {
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries[question] = entry
        }
    }
}
