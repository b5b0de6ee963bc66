/// Things that happen later, by virtual time: the earliest first, and of two at one time the one added first.
struct TimerQueue {
    struct Entry {
        /// Microseconds since the world began.
        let due: Int64
        let number: Int
    }

    private struct Timer {
        let owner: Int
        let action: @Sendable () -> Void
    }

    private var heap: [Entry] = []
    private var timers: [Int: Timer] = [:]
    private var next = 0

    /// - Parameter owner: whose death makes it happen at once; 0: nobody's.
    mutating func add(due: Int64, owner: Int, _ action: @escaping @Sendable () -> Void) -> Int {
        next += 1
        timers[next] = Timer(owner: owner, action: action)
        heap.append(Entry(due: due, number: next))
        var place = heap.count - 1
        while place > 0, isEarlier(place, (place - 1) / 2) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        return next
    }

    /// The action, unless it has happened; it will not any more.
    mutating func remove(_ number: Int) -> (@Sendable () -> Void)? {
        timers.removeValue(forKey: number)?.action
    }

    /// What waits for an owner, in the order in which it was added; it is waited for no more.
    mutating func removeAll(of owner: Int) -> [@Sendable () -> Void] {
        let numbers = timers.filter { $0.value.owner == owner }.map(\.key).sorted()
        return numbers.compactMap { timers.removeValue(forKey: $0)?.action }
    }

    /// The earliest, removed.
    mutating func pop() -> (due: Int64, action: @Sendable () -> Void)? {
        while let first = heap.first {
            dropFirst()
            if let timer = timers.removeValue(forKey: first.number) { return (first.due, timer.action) }
        }
        return nil
    }

    private mutating func dropFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && isEarlier(child, least) {
                least = child
            }
            if least == place { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    private func isEarlier(_ one: Int, _ other: Int) -> Bool {
        (heap[one].due, heap[one].number) < (heap[other].due, heap[other].number)
    }
}
