/// What becomes of a request, by the table of requests and states (docs/api.md).
enum ActionVerdict: Hashable, Sendable {
    /// The server is what was asked for, or on its way there.
    case unchanged
    case begin
    /// What is under way goes on without waiting for the guest.
    case force
    case refused(Refusal)
}

extension ServerAction {
    /// - Parameters:
    ///   - operation: what is under way; nil when nothing is.
    ///   - hasPlan: whether the server has the plan asked for, or is on its way to it.
    func verdict(in state: ServerState, during operation: Operation?, hasPlan: Bool) -> ActionVerdict {
        switch self {
        case .start: startVerdict(in: state, during: operation)
        case .stop(let force): stopVerdict(in: state, during: operation, force: force)
        case .reboot(let force): rebootVerdict(in: state, during: operation, force: force)
        case .resize: resizeVerdict(in: state, during: operation, hasPlan: hasPlan)
        }
    }

    private func startVerdict(in state: ServerState, during operation: Operation?) -> ActionVerdict {
        switch state {
        case .stopped: .begin
        case .running: .unchanged
        case .provisioning:
            switch operation {
            case .starting, .rebooting, .recovering: .unchanged
            case .creating, .stopping, .resizing, .destroying, nil: busy(state, operation)
            }
        case .pending, .stopping: busy(state, operation)
        case .error, .terminated: invalid(state)
        }
    }

    private func stopVerdict(in state: ServerState, during operation: Operation?, force: Bool) -> ActionVerdict {
        switch state {
        case .running: .begin
        case .stopping: force ? .force : .unchanged
        case .stopped: .unchanged
        case .pending, .provisioning: busy(state, operation)
        case .error, .terminated: invalid(state)
        }
    }

    private func rebootVerdict(in state: ServerState, during operation: Operation?, force: Bool) -> ActionVerdict {
        switch state {
        case .running: .begin
        case .provisioning where operation == .rebooting: force ? .force : .unchanged
        case .pending, .provisioning, .stopping: busy(state, operation)
        case .stopped, .error, .terminated: invalid(state)
        }
    }

    private func resizeVerdict(in state: ServerState, during operation: Operation?, hasPlan: Bool) -> ActionVerdict {
        switch state {
        case .error, .terminated: invalid(state)
        case .running, .stopped: hasPlan ? .unchanged : .begin
        case .pending, .provisioning, .stopping: hasPlan ? .unchanged : busy(state, operation)
        }
    }

    private func busy(_ state: ServerState, _ operation: Operation?) -> ActionVerdict {
        let words = operation?.words ?? state.rawValue
        return .refused(
            Refusal(
                .busy, "The server is \(words). \(rule); try again in a moment", retryAfter: .seconds(1)))
    }

    private func invalid(_ state: ServerState) -> ActionVerdict {
        .refused(Refusal(.invalidState, "The server is \(state == .error ? "in error" : state.rawValue). \(rule)"))
    }

    /// Which state would do.
    private var rule: String {
        switch self {
        case .start: "A server can be started when it is stopped"
        case .stop: "A server can be stopped when it is running"
        case .reboot: "A server can be rebooted when it is running"
        case .resize: "A server can be resized when it is running or stopped"
        }
    }
}
