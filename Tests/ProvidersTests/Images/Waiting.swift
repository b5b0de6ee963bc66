import Fakes
import Foundation
import Testing

struct NeverCame: Error, CustomStringConvertible {
    let what: String
    var description: String { "never came: \(what)" }
}

/// Looks again and again until there is something to see, for at most `limit`.
func eventually<Seen>(
    _ what: String, within limit: Duration = .seconds(20), _ look: () async throws -> Seen?
) async throws -> Seen {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if let seen = try await look() { return seen }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw NeverCame(what: what)
}

/// Whether any process on this host has this word on its command line.
func isRunning(_ word: String) -> Bool {
    !HostProcesses.all { $0.contains(word) }.isEmpty
}

/// Sends a signal to one process of a test's own. A number that means a group, everybody or this very process ends
/// the test, not what it means.
func send(_ signal: CInt, to process: pid_t, from place: SourceLocation = #_sourceLocation) throws {
    try #require(process > 1 && process != getpid() && process != getppid(), sourceLocation: place)
    kill(process, signal)
}

/// A directory that is removed after the test.
func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = NSTemporaryDirectory() + "/caiport-images-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
