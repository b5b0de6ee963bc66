import Synchronization

/// One asynchronous lock per key: whoever holds a key does its work alone, the others wait in turn.
final class KeyedLocks<Key: Hashable & Sendable>: Sendable {
    // A key is present while it is held; its array is the queue.
    private let queues = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    /// Runs `body` while nobody else holds the key. Not re-entrant.
    func withLock<Value: Sendable>(
        _ key: Key, _ body: () async throws -> Value
    ) async throws -> Value {
        await acquire(key)
        defer { release(key) }
        return try await body()
    }

    private func acquire(_ key: Key) async {
        await withCheckedContinuation { continuation in
            let free = queues.withLock { queues in
                guard queues[key] != nil else {
                    queues[key] = []
                    return true
                }
                queues[key]?.append(continuation)
                return false
            }
            if free { continuation.resume() }
        }
    }

    private func release(_ key: Key) {
        let next: CheckedContinuation<Void, Never>? = queues.withLock { queues in
            guard var queue = queues[key], !queue.isEmpty else {
                queues[key] = nil
                return nil
            }
            let next = queue.removeFirst()
            queues[key] = queue
            return next
        }
        next?.resume()
    }
}
