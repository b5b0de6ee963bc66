import HummingbirdCore
import NIOCore
import Synchronization

/// The end of a listener, from the moment it is asked for. Every request that reaches an open connection, or
/// one that was made before the listener closed, gets its whole answer, unless that connection's last answer
/// said `Connection: close` before.
final class Drain: Sendable {
    /// How long a connection without a request may wait for one more.
    let grace: TimeAmount
    private let underWay = Atomic(false)
    private let listener = Mutex<(any Channel)?>(nil)

    init(grace: TimeAmount) {
        self.grace = grace
    }

    /// Whether every answer is to be its connection's last.
    var isUnderWay: Bool { underWay.load(ordering: .relaxed) }

    func watch(_ channel: any Channel) {
        listener.withLock { $0 = channel }
    }

    /// Lets nobody new in, and takes all who are in the kernel's queue. The listener may be closed when this
    /// returns; before, closing it would break off whoever is in the queue.
    func begin() async {
        underWay.store(true, ordering: .sequentiallyConsistent)
        guard let channel = listener.withLock({ $0 }) else { return }
        await ClosedDoor.shut(channel)
        // The most connections there may be no longer holds: see `ConnectionLimit`.
        channel.read()
        try? await Task.sleep(for: Self.settling)
    }

    /// As long as a handshake that was begun before may take to end, and the queue to be taken.
    private static let settling = Duration.milliseconds(150)
}

/// How many connections there may be at once; while draining, as many as wait already.
struct ConnectionLimit: AvailableConnectionsDelegate {
    let most: Int
    let drain: Drain
    private var open = 0

    init(_ most: Int, drain: Drain) {
        self.most = most
        self.drain = drain
    }

    mutating func connectionOpened() { open += 1 }

    mutating func connectionClosed() { open -= 1 }

    func isAcceptingNewConnections() -> Bool { open < most || drain.isUnderWay }
}
