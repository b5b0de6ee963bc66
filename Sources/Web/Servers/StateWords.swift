import Cloud
import Kernel

/// How a server stands, in words and colour.
enum StateWords {
    static func badge(_ state: ServerState) -> HTML {
        let style = state == .error ? "failed" : state.rawValue
        return #"<span class="state \#(style)">\#(words(state))</span>"#
    }

    static func words(_ state: ServerState) -> String {
        switch state {
        case .pending: "Waiting"
        case .provisioning: "On its way"
        case .running: "Running"
        case .stopping: "Stopping"
        case .stopped: "Stopped"
        case .error: "Failed"
        case .terminated: "Destroyed"
        }
    }

    /// Whether it will be something else by itself.
    static func isMoving(_ state: ServerState) -> Bool {
        switch state {
        case .pending, .provisioning, .stopping: true
        case .running, .stopped, .error, .terminated: false
        }
    }

    /// How long ago, as people say it.
    static func age(_ since: Instant, at now: Instant) -> String {
        let seconds = max(0, now.seconds - since.seconds)
        let units: [(Int64, String)] = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        for (length, name) in units where seconds >= length {
            let count = seconds / length
            return "\(count) \(name)\(count == 1 ? "" : "s")"
        }
        return "a moment"
    }
}
