import HummingbirdCore
import Kernel
import NIOCore

/// Tells a browser that something changed, as soon as it did. Which pages look at what is the script's matter: a page
/// that is looked at without it is as true, only not by itself.
struct EventStream: Sendable {
    /// What is watched: text that differs when something did.
    let mark: @Sendable () async throws -> String
    let time: any Timekeeper

    /// Browsers connect again by themselves; by then the session is looked at again, and proxies had no reason to grow
    /// impatient.
    private static let longest = 25
    private static let pause = Duration.seconds(1)

    func body(isClosing: @escaping @Sendable () -> Bool) -> ResponseBody {
        ResponseBody { [self] writer in
            try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
            var last: String?
            for _ in 0..<Self.longest where !isClosing() {
                let now = try await mark()
                // What happened before this stream was opened is shown already, or told by the first mark.
                try await writer.write(ByteBuffer(string: now == last ? ":\n\n" : "event: changed\ndata: \n\n"))
                last = now
                try await time.sleep(for: Self.pause)
            }
            try await writer.finish(nil)
        }
    }
}
