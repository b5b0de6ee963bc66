import Synchronization

/// Holds whoever comes until it is opened, and tells when somebody has come.
package final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var hasVisitor = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for waiter in held { waiter.resume() }
    }

    /// Returns once somebody waits at the gate or has passed it.
    package func visited() async {
        await withCheckedContinuation { watcher in
            let isVisited = state.withLock { state in
                if !state.hasVisitor { state.watchers.append(watcher) }
                return state.hasVisitor
            }
            if isVisited { watcher.resume() }
        }
    }

    /// Waits until the gate is open.
    package func passed() async {
        await withCheckedContinuation { waiter in
            let (isOpen, watchers) = state.withLock { state in
                state.hasVisitor = true
                if !state.isOpen { state.held.append(waiter) }
                defer { state.watchers = [] }
                return (state.isOpen, state.watchers)
            }
            for watcher in watchers { watcher.resume() }
            if isOpen { waiter.resume() }
        }
    }
}
