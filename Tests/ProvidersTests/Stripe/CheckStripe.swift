import Foundation
import Testing

/// Asks `scripts/check-stripe`, which is built on Stripe's own Python library, about `given`.
/// - Returns: the lines it said.
func checkStripe(_ check: String, _ given: some Encodable) async throws -> [String] {
    let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
    let work = FileManager.default.temporaryDirectory.appending(path: "caiport-stripe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: work) }
    let file = work.appending(path: "given.json")
    try JSONEncoder().encode(given).write(to: file)
    let python = try await output(of: root.appending(path: "scripts/python"), [], in: work)
    let interpreter = python.split(separator: "\n").last.map(String.init) ?? ""
    let said = try await output(
        of: URL(filePath: interpreter), [root.appending(path: "scripts/check-stripe").path(), check, file.path()],
        in: work)
    return said.split(separator: "\n").map(String.init)
}

/// Runs a program to its end; what it says goes through a file, which is never full as a pipe may be.
private func output(of program: URL, _ arguments: [String], in work: URL) async throws -> String {
    let file = work.appending(path: "output")
    try Data().write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do {
            try process.run()
        } catch {
            process.terminationHandler = nil
            continuation.resume(throwing: error)
        }
    }
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    try #require(status == 0, "\(program.lastPathComponent): \(text)")
    return text
}
