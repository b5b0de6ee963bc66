import Fakes
import Foundation
import ServiceLifecycle
import Testing
import Web

/// How a service that is told to stop takes leave of its connections.
@Suite struct DrainTests {
    private let request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

    private func settings(grace: Duration) -> LiveSettings {
        var settings = LiveSettings()
        settings.web.drainGrace = grace
        return settings
    }

    /// Waits until nobody new is let in.
    private func stop(_ service: LiveService) async throws {
        await service.group.triggerGracefulShutdown()
        let deadline = ContinuousClock.now + .seconds(30)
        while let connection = try? await RawConnection.open(to: service.port) {
            await connection.close()
            try #require(ContinuousClock.now < deadline, "nobody new is let in")
        }
    }

    @Test func anIdleConnectionIsAnsweredOnceMoreAndTold() async throws {
        try await withLiveService(settings(grace: .seconds(30))) { service in
            try await withRawConnection(to: service.port) { connection in
                try await connection.send(request)
                let first = try await connection.received("an answer") { $0.hasSuffix("}") }
                #expect(!first.lowercased().contains("connection: close"))
                try await withRawConnection(to: service.port) { fresh in
                    try await fresh.send("GET /healthz HTTP/1.1\r\n")
                    try await stop(service)
                    try await fresh.send("Host: a\r\n\r\n")
                    let text = try await fresh.untilClosed()
                    #expect(text.contains("HTTP/1.1 200") && text.contains("Connection: close"))
                }
                // Behind the last request nobody is asked any more.
                try await connection.send(request + request)
                let text = String(try await connection.untilClosed().dropFirst(first.count))
                #expect(text.components(separatedBy: "HTTP/1.1 200").count == 2, "\(text)")
                #expect(text.contains("Connection: close"))
            }
        }
    }

    @Test func oneThatStaysSilentIsClosed() async throws {
        try await withLiveService(settings(grace: .milliseconds(100))) { service in
            try await withRawConnection(to: service.port) { connection in
                try await connection.send(request)
                try await connection.received("an answer") { $0.hasSuffix("}") }
                await service.group.triggerGracefulShutdown()
                #expect(try await connection.untilClosed().components(separatedBy: "HTTP/1.1 200").count == 2)
            }
        }
    }
}
