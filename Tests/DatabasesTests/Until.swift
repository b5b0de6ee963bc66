import Testing

/// Asks again and again, until the answer is yes; an issue after half a minute.
func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while try await !isSo() {
        guard ContinuousClock.now < end else {
            Issue.record("never \(what)")
            return
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
