import Dispatch
import Kernel
import NIOCore
import Synchronization

/// Work that waits for a thread of its own: bounded, and requests go before background work.
package final class WorkQueue<Job: Sendable>: Sendable {
    private let state = Mutex(State())
    private let wakeUps = DispatchSemaphore(value: 0)
    private let capacity: Int

    /// - Parameter capacity: how many jobs of each urgency may wait; a crowd of one does not shut out the other.
    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// - Throws: `DatabaseUnavailable` when too many wait already, and after `close`.
    package func add(_ job: Job, urgency: Urgency) throws(DatabaseUnavailable) {
        let wakes = try state.withLock { state throws(DatabaseUnavailable) -> Bool in
            guard !state.isClosed else { throw DatabaseUnavailable("closed") }
            try state.admit(job, urgency, capacity: capacity)
            return state.wakes()
        }
        if wakes { wakeUps.signal() }
    }

    /// Puts a job that was taken, and not done, before all others; also into a queue that is full or closed. The calling
    /// thread sees to it that another one takes it, or takes it again.
    package func giveBack(_ job: Job, urgency: Urgency) {
        let wakes = state.withLock { state in
            switch urgency {
            case .request: state.urgent.prepend(job)
            case .background: state.background.prepend(job)
            }
            return state.wakes()
        }
        if wakes { wakeUps.signal() }
    }

    /// Blocks the calling thread until there is work, and takes at most `limit` jobs: requests first, but a quarter of
    /// the places (of single jobs every eighth) is kept for background work, which would otherwise starve.
    /// Empty once the queue is closed and everything was taken.
    package func take(upTo limit: Int) -> [Job] {
        while true {
            let (jobs, isOver) = state.withLock { state in
                let jobs = state.take(limit)
                if jobs.isEmpty, !state.isClosed { state.idle += 1 }
                return (jobs, jobs.isEmpty && state.isClosed)
            }
            if !jobs.isEmpty || isOver { return jobs }
            wakeUps.wait()
        }
    }

    /// Takes no more work; what waits is still done.
    package func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = 0 }
            return state.idle
        }
        for _ in 0..<idle { wakeUps.signal() }
    }

    private struct State {
        var urgent = CircularBuffer<Job>()
        var background = CircularBuffer<Job>()
        /// Threads that wait for a signal and were not yet sent one.
        var idle = 0
        var turn = 0
        var isClosed = false

        mutating func admit(_ job: Job, _ urgency: Urgency, capacity: Int) throws(DatabaseUnavailable) {
            switch urgency {
            case .request:
                guard urgent.count < capacity else { throw DatabaseUnavailable("too many requests are waiting") }
                urgent.append(job)
            case .background:
                guard background.count < capacity else { throw DatabaseUnavailable("too much work is waiting") }
                background.append(job)
            }
        }

        /// Whether a thread is to be sent a signal.
        mutating func wakes() -> Bool {
            guard idle > 0 else { return false }
            idle -= 1
            return true
        }

        mutating func take(_ limit: Int) -> [Job] {
            turn &+= 1
            let reserved = limit > 1 ? limit / 4 : (turn % 8 == 0 ? 1 : 0)
            var jobs: [Job] = []
            let requests = min(urgent.count, limit - min(reserved, background.count))
            for _ in 0..<requests { jobs.append(urgent.removeFirst()) }
            // A batch of background work is kept small: a request that comes now waits for all of it.
            let places = min(background.count, max(reserved, 1), limit - jobs.count)
            for _ in 0..<places { jobs.append(background.removeFirst()) }
            return jobs
        }
    }
}
