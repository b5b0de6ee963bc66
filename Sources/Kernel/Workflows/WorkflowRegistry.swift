/// The kinds of workflow a program can run, each with its world.
package struct WorkflowRegistry: Sendable {
    /// Runs one step of a claimed workflow and settles it.
    typealias Runner =
        @Sendable (ClaimedWorkflow, StepClock) async throws -> Settlement

    private var runners: [String: Runner] = [:]
    /// The stored names of each kind's steps.
    package private(set) var steps: [String: [String]] = [:]

    package init() {}

    package mutating func register<W: Workflow>(_ type: W.Type, in world: W.World) {
        steps[W.kind] = W.Step.allCases.map(\.rawValue)
        runners[W.kind] = { claimed, clock in
            try await StepRun<W>(claimed: claimed, clock: clock, world: world).settle()
        }
    }

    func runner(of kind: String) -> Runner? { runners[kind] }
}

/// What a step run needs of its worker.
struct StepClock: Sendable {
    let time: any Timekeeper
    let randomness: any Randomness
    let lease: Duration
    let stepLimit: Duration
    let watch: ClockWatch

    func circumstances(since began: Duration) -> Settlement.Circumstances {
        let now = time.now
        let byte = randomness.bytes(1)[0]
        return Settlement.Circumstances(
            now: now, leaseEnd: now + lease, took: time.elapsed - began, jitter: Double(byte) / 255,
            ahead: max(.zero, watch.step ?? .zero))
    }
}

/// One step of one workflow: asks for an interruption, runs, and decides what is saved.
private struct StepRun<W: Workflow>: Sendable {
    let claimed: ClaimedWorkflow
    let clock: StepClock
    let world: W.World

    func settle() async throws -> Settlement {
        let began = clock.time.elapsed
        guard let step = W.Step(rawValue: claimed.step) else {
            return Settlement(
                parking: claimed, because: "unknown step \(claimed.step)", in: clock.circumstances(since: began))
        }
        let workflow: W
        do {
            workflow = try StoredState.decode(W.self, from: claimed.state)
        } catch {
            return Settlement(
                parking: claimed, because: "unreadable state", in: clock.circumstances(since: began))
        }
        do {
            // A worker that was stopped since its claim has less than a step's time left, or none.
            let limit = min(clock.stepLimit, claimed.heldUntil - clock.time.elapsed)
            let (state, next) = try await TimeLimit.within(limit, by: clock.time) {
                try await advance(workflow, step)
            }
            CrashPoint.reach("\(W.kind).\(step.rawValue).done")
            return Settlement(next, of: claimed, newState: state, in: clock.circumstances(since: began))
        } catch {
            return Settlement(
                retrying: claimed, because: "\(error)", isCounted: !error.isOurDatabases,
                in: clock.circumstances(since: began))
        }
    }

    /// Runs the step, or gives up, and answers the new state with what comes next.
    private func advance(_ stored: W, _ step: W.Step) async throws -> (String, Next<W.Step>) {
        var workflow = stored
        if let next = try await workflow.interruption(in: world) {
            return (try StoredState.encode(workflow), next)
        }
        if let deadline = claimed.deadline, deadline <= claimed.asOf {
            let next = try await workflow.giveUp(at: step, because: .deadlinePassed, in: world)
            return (try StoredState.encode(workflow), next)
        }
        if let patience = W.patience, claimed.attempts >= patience {
            let next = try await workflow.giveUp(at: step, because: .exhausted(SavesRefused()), in: world)
            return (try StoredState.encode(workflow), next)
        }
        CrashPoint.reach("\(W.kind).\(step.rawValue).begin")
        var next: Next<W.Step>
        do {
            next = try await workflow.run(step, in: world)
        } catch let error where isLastAttempt && !error.isOurDatabases && !(error is CancellationError) {
            workflow = stored
            next = try await workflow.giveUp(at: step, because: .exhausted(error), in: world)
        }
        if case .fail(let code, let message) = next.move {
            next = try await workflow.giveUp(at: step, because: .failed(code: code, message: message), in: world)
        }
        return (try StoredState.encode(workflow), next)
    }

    private var isLastAttempt: Bool {
        W.patience.map { claimed.attempts + 1 >= $0 } ?? false
    }
}

/// A step went well each time, but what it decided could never be committed.
package struct SavesRefused: Error, CustomStringConvertible {
    package var description: String { "the step's writes were refused each time" }
}

extension Error {
    /// Trouble of our own, which says nothing about the step.
    fileprivate var isOurDatabases: Bool { self is DatabaseUnavailable || self is CommitUnknown }
}
