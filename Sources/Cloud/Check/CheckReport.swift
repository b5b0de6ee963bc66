/// What `Cloud.check` found: one verdict for each invariant, always all of them and in the same order.
package struct CheckReport: Hashable, Sendable {
    package let verdicts: [Verdict]

    /// Whether every invariant holds for all that is at rest.
    package var isSound: Bool { verdicts.allSatisfy { $0.status != .broken } }

    package struct Verdict: Hashable, Sendable {
        /// A noun, such as `counters`; never changes.
        package let id: String
        /// What must be true.
        package let sentence: String
        package let broken: Finding
        /// What cannot be judged now because something is under way on it.
        package let moving: Finding

        package var status: Status {
            if broken.count > 0 { return .broken }
            return moving.count > 0 ? .moving : .ok
        }
    }

    package enum Status: String, CaseIterable, Sendable {
        case ok
        case moving
        case broken
    }

    /// The first of what was found, and how many there are.
    package struct Finding: Hashable, Sendable {
        package let shown: [Breach]
        package let count: Int

        package static let mostShown = 20

        init(_ breaches: [Breach]) {
            shown = Array(breaches.sorted { $0.subject < $1.subject }.prefix(Self.mostShown))
            count = breaches.count
        }
    }

    package struct Breach: Hashable, Sendable {
        /// The id of a server, an account, a workflow's subject or an audit entry.
        package let subject: String
        /// What is the matter with it.
        package let words: String
    }
}
