/// What is under way on a server. Raw values are the kinds of the workflows.
package enum Operation: String, CaseIterable, Sendable {
    case creating = "create-server"
    case starting = "start-server"
    case stopping = "stop-server"
    case rebooting = "reboot-server"
    case resizing = "resize-server"
    /// Its machine died, or its guest powered itself off.
    case recovering = "recover-server"
    case destroying = "destroy-server"

    /// As a sentence says it of a server.
    package var words: String {
        switch self {
        case .creating: "being created"
        case .starting: "being started"
        case .stopping: "being stopped"
        case .rebooting: "being rebooted"
        case .resizing: "being resized"
        case .recovering: "being brought back after its machine went off"
        case .destroying: "being destroyed"
        }
    }
}
