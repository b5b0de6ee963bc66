import Cloud
import Fakes
import Synchronization

/// A printer that does as a test tells it, and remembers what it printed.
final class StagedPrinter: Printer {
    private struct State {
        var printed: [String] = []
        var isBroken = false
        var held: [AccountID: Gate] = [:]
    }

    private let state = Mutex(State())

    /// The names of what it was asked to print, in the order in which it began.
    var printed: [String] { state.withLock { $0.printed } }

    func setBroken(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }

    /// Holds what is printed for an account.
    func hold(_ account: AccountID, at gate: Gate) { state.withLock { $0.held[account] = gate } }

    func print(_ page: HTMLPage, as name: String, for account: AccountID) async throws -> [UInt8] {
        let (isBroken, gate) = state.withLock { state in
            state.printed.append(name)
            return (state.isBroken, state.held[account])
        }
        await gate?.passed()
        if isBroken { throw PrinterFailure(.failed, "told to fail") }
        return Array("%PDF-\(name)".utf8)
    }

    func size(ofPrinted name: String) async -> Int? { nil }
}
