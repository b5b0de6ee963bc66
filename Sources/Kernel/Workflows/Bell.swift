/// Tells one worker that there is something to do. A ring that nobody waits for is kept; more are merged.
package final class Bell: Sendable {
    private let rings: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    package init() {
        (rings, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func ring() { ringer.yield() }

    /// Returns at the next ring, or at once when it rang since the last call.
    func heard() async {
        var iterator = rings.makeAsyncIterator()
        _ = await iterator.next()
    }
}
