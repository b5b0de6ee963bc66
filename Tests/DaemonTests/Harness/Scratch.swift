import Foundation

/// A folder of a test's own, gone with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let template = "\(FileManager.default.temporaryDirectory.path)/caiportd-XXXXXX"
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw Unexpected("mkdtemp: \(errno)") }
        path = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A path in the folder; nothing is made.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// A file that nobody else may read, as secrets have to be.
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
        chmod(self(name), 0o600)
        return self(name)
    }
}

/// The world is not as the test needs it.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Asks again and again until the answer is yes, or a deadline that only a broken program reaches.
func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(60), _ isSo: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while !(try await isSo()) {
        guard ContinuousClock.now < deadline else { throw Unexpected("still not so after \(limit): \(what())") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
