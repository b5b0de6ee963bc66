import Cloud
import Foundation
import Synchronization

/// Copies of base images under way, each made once however many machines wait for it.
final class BaseCopies: Sendable {
    private enum Copy {
        case running
        case failed(MachineError)
    }

    /// How the names of links begin that only find out whether a file can be linked; then the process.
    static let trial = ".trial-"

    private let state = Mutex<[String: Copy]>([:])

    static func folder(in machines: MachinesFolder) -> String { "\(machines.path)/.bases" }

    /// Removes what processes that are no more were about to make.
    static func sweep(_ machines: MachinesFolder) {
        let files = FileManager.default
        let trials = (try? files.contentsOfDirectory(atPath: machines.path)) ?? []
        for name in trials where name.hasPrefix(trial) {
            let maker = name.dropFirst(trial.count).prefix { $0 != "-" }
            if isGone(maker) { unlink("\(machines.path)/\(name)") }
        }
        let folder = folder(in: machines)
        for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] {
            let parts = name.split(separator: ".")
            if parts.count == 2, isGone(parts[1]) { unlink("\(folder)/\(name)") }
        }
    }

    private static func isGone(_ process: Substring) -> Bool {
        guard let process = pid_t(process), process > 0 else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }

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

    /// Aside first and on the disk, and then renamed, so that a copy under the right name is whole.
    private func make(from source: String, to copy: String) async {
        let aside = "\(copy).\(getpid())"
        defer { unlink(aside) }
        do throws(MachineError) {
            try await runEngineProgram(["cp", "--sparse=always", "--", source, aside], limit: .seconds(1800))
            do throws(HostError) {
                try settle(aside, as: copy)
            } catch {
                throw error.asMachineError
            }
            state.withLock { $0[copy] = nil }
        } catch {
            state.withLock { $0[copy] = .failed(error) }
        }
    }

    private func settle(_ aside: String, as copy: String) throws(HostError) {
        let file = try Descriptor(opening: aside, O_RDONLY | O_NOFOLLOW)
        guard fchmod(file.raw, 0o444) == 0, fsync(file.raw) == 0, rename(aside, copy) == 0 else {
            throw HostError("copy \(copy)")
        }
        let folder = try Descriptor(opening: (copy as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY)
        guard fsync(folder.raw) == 0 else { throw HostError("fsync \(copy)") }
    }
}
