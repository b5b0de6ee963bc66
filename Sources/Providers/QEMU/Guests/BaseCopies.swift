import Cloud
import Foundation
import Synchronization

/// Copies of base images under way, each made once however many machines wait for it.
final class BaseCopies: Sendable {
    private enum Copy {
        case running
        case failed(MachineError)
    }

    private let state = Mutex<[String: Copy]>([:])

    /// Whether the copy is there; begins it when nobody has.
    /// - Throws: `MachineError` of the last try, once.
    func isDone(from source: String, to copy: String) throws(MachineError) -> Bool {
        let (begins, failure) = state.withLock { state -> (Bool, MachineError?) in
            switch state[copy] {
            case .running: return (false, nil)
            case .failed(let error):
                state[copy] = nil
                return (false, error)
            case nil:
                state[copy] = .running
                return (true, nil)
            }
        }
        if let failure { throw failure }
        if begins { Task { await self.make(from: source, to: copy) } }
        return access(copy, F_OK) == 0
    }

    /// Aside first and then renamed, so that a copy under the right name is whole.
    private func make(from source: String, to copy: String) async {
        let aside = "\(copy).\(getpid())"
        defer { unlink(aside) }
        do throws(MachineError) {
            try await runEngineProgram(["cp", "--sparse=always", "--", source, aside], limit: .seconds(1800))
            guard chmod(aside, 0o444) == 0, rename(aside, copy) == 0 else {
                throw HostError("copy \(copy)").asMachineError
            }
            state.withLock { $0[copy] = nil }
        } catch {
            state.withLock { $0[copy] = .failed(error) }
        }
    }
}
