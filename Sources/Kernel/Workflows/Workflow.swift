/// A piece of work that survives crashes: the conforming struct is its durable state, and each step is
/// run, then saved in one commit together with the writes it decided on.
///
/// A step may run more than once: a crash between its effect and its save repeats it. So the *intent* of
/// an effect (a token, a name) is committed before the step that has the effect, and the effect is asked
/// for by that token.
///
/// Stored names (`kind`, the steps' raw values, the coding keys) are lower-case-with-hyphens and never
/// change; new stored fields are optional. A stored step that the program does not know is parked and
/// reported, never dropped.
package protocol Workflow: Codable, Sendable {
    associatedtype Step: RawRepresentable<String> & CaseIterable & Hashable & Sendable
    /// What the steps reach the outside by: engines, clock, catalogue.
    associatedtype World: Sendable

    static var kind: String { get }
    static var first: Step { get }

    /// How many times in a row a step may throw before the workflow gives up; nil: for ever.
    static var patience: Int? { get }

    /// What the workflow works on; at most one open workflow has it.
    var subject: String { get }

    /// Asked before each step: a value is taken instead of running the step. This is where a workflow
    /// notices that what it works towards is no longer wanted.
    func interruption(in world: World) async throws -> Next<Step>?

    /// Does one step and says what comes next. A thrown error counts as an attempt and is repeated after a
    /// growing pause; our own database's being out does not count.
    mutating func run(_ step: Step, in world: World) async throws -> Next<Step>

    /// What to do when a step failed for good, threw `patience` times, or the deadline passed.
    mutating func giveUp(at step: Step, because failure: Failure, in world: World) async throws -> Next<Step>
}

extension Workflow {
    package static var patience: Int? { 5 }

    package typealias Failure = WorkflowFailure
}

/// Why a workflow gives up.
package enum WorkflowFailure: Sendable {
    /// A step said so by `Next.fail`; the code and message are the step's own.
    case failed(code: String, message: String)
    /// A step threw too often; the last error is for the log.
    case exhausted(any Error)
    case deadlinePassed
}

/// What comes after a step, and the writes that are committed with that decision.
package struct Next<Step: Sendable>: Sendable {
    package enum Move: Sendable {
        case go(Step, after: Duration)
        case again(after: Duration)
        case finish(outcome: String)
        case fail(code: String, message: String)
    }

    package let move: Move
    package let writes: [Write]
    /// Workflows that begin in the same commit, after this one was closed.
    package let starts: [NewWorkflow]
    /// Words about where it stands, for progress pages and the operator.
    package let note: String?
    /// Replaces the deadline when given.
    package let deadline: Instant?

    /// On to `step`, now or after a while.
    package static func go(
        to step: Step, after pause: Duration = .zero, with writes: [Write] = [], note: String? = nil,
        deadline: Instant? = nil
    ) -> Self {
        Self(move: .go(step, after: pause), writes: writes, starts: [], note: note, deadline: deadline)
    }

    /// The same step once more; not counted as an attempt.
    package static func again(
        after pause: Duration, with writes: [Write] = [], note: String? = nil, deadline: Instant? = nil
    ) -> Self {
        Self(move: .again(after: pause), writes: writes, starts: [], note: note, deadline: deadline)
    }

    /// Done. `outcome` is a word for the log: `done`, `handed-over`, `failed`.
    package static func finish(
        _ outcome: String = "done", with writes: [Write] = [], starting starts: [NewWorkflow] = []
    ) -> Self {
        Self(move: .finish(outcome: outcome), writes: writes, starts: starts, note: nil, deadline: nil)
    }

    /// This cannot succeed; `giveUp` is asked what to do.
    package static func fail(code: String, _ message: String) -> Self {
        Self(move: .fail(code: code, message: message), writes: [], starts: [], note: nil, deadline: nil)
    }
}
