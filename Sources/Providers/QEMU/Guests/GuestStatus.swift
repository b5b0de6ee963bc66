/// What became of a guest whose QEMU runs.
enum GuestStatus: Hashable, Sendable {
    case on
    /// Held by QEMU because the host's disk was full when the guest wrote; it can go on.
    case held
    /// It has shut itself down.
    case shutDown
    /// It cannot go on: its kernel panicked, or the host could not execute it any further.
    case crashed

    /// - Parameter word: QEMU's, one of `RunState` (https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html).
    init(word: String?) {
        switch word {
        case "io-error": self = .held
        case "shutdown": self = .shutDown
        case "guest-panicked", "internal-error": self = .crashed
        default: self = .on
        }
    }
}

extension QMP {
    /// - Throws: `MachineError`; `CancellationError`.
    func guestStatus() async throws -> GuestStatus {
        GuestStatus(word: try await execute(.queryStatus).status)
    }
}
