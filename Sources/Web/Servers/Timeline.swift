import Cloud
import Kernel

/// What was done on a server, with how long each step took.
struct Timeline {
    let entries: [TimelineEntry]
    let now: Instant

    var html: HTML {
        guard !entries.isEmpty else { return .empty }
        let shown = entries.prefix(6).enumerated().map { entry($0.element, isOpen: $0.offset == 0) }
        return #"<section class="card"><h2>Timeline</h2>\#(shown)</section>"#
    }

    private func entry(_ entry: TimelineEntry, isOpen: Bool) -> HTML {
        let lasted = Self.words((entry.endedAt ?? now) - entry.startedAt)
        let ended: HTML =
            entry.endedAt == nil
            ? #"<span class="state pending">Under way for \#(lasted)</span>"#
            : #"<span class="soft">took \#(lasted), \#(StateWords.age(entry.startedAt, at: now)) ago</span>"#
        return """
            <details\(flag: "open", if: isOpen)><summary>\(Self.words(entry.operation)) \(ended)</summary>
            <ol class="timeline">\(entry.steps.map(Self.step))</ol></details>
            """
    }

    private static func step(_ step: TimelineEntry.Step) -> HTML {
        let (style, words): (String, String) =
            switch step.result {
            case .done: ("done", "")
            case .waiting: ("waits", "")
            case .triedAgain: ("again", "did not work, and is tried again")
            case .parked: ("parked", "waits for the operator, who was told")
            }
        let said = [step.note.map { "\($0)" } ?? "", words].filter { !$0.isEmpty }.joined(separator: "; ")
        return """
            <li class="\(style)"><span>\(Self.words(of: step.name))\(said.isEmpty ? "" : ": \(said)")</span> \
            <span class="soft">\(Self.words(step.took))</span></li>
            """
    }

    private static func words(_ operation: Operation?) -> String {
        switch operation {
        case .creating: "Deploying"
        case .starting: "Starting"
        case .stopping: "Stopping"
        case .rebooting: "Rebooting"
        case .resizing: "Resizing"
        case .recovering: "Bringing it back after its machine went off"
        case .destroying: "Destroying"
        case nil: "Other work"
        }
    }

    /// Steps by their stored names.
    private static func words(of step: String) -> String {
        switch step {
        case "launch", "launch-again": "Making the machine"
        case "await-boot", "await-boot-again": "Waiting for its first sign of life"
        case "shut-down": "Asking it to shut down"
        case "cut-power", "cut-power-again": "Turning the power off"
        case "grow-disk": "Growing the disk"
        case "release-names": "Taking its DNS records away"
        case "await-names": "Waiting for the name servers"
        case "remove-machine": "Removing the machine"
        case "fall-back": "Going back to how it was"
        case "look": "Looking at the machine"
        case "settle-off": "Noting that it is off"
        default: step
        }
    }

    static func words(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.wholeMicroseconds / 1000)
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let seconds = milliseconds / 1000
        if seconds < 60 { return "\(seconds).\(milliseconds % 1000 / 100) s" }
        return seconds < 3600
            ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
}
