import Foundation
import Synchronization

/// Threads of their own, for work that blocks, and a way to wait until they have ended.
final class Threads: Sendable {
    private struct State {
        var running: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    /// Starts `count` threads that each run `body` once.
    init(_ count: Int, named name: String, body: @escaping @Sendable () -> Void) {
        state = Mutex(State(running: count))
        for number in 1...count {
            let thread = Thread { [self] in
                body()
                leave()
            }
            thread.name = "\(name)-\(number)"
            thread.start()
        }
    }

    /// Returns when every thread has ended.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.running > 0 { state.waiting.append(continuation) }
                return state.running == 0
            }
            if isOver { continuation.resume() }
        }
    }

    private func leave() {
        let waiting = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
