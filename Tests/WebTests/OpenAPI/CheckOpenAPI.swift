import Foundation
import Testing
import Wire

/// Holds the document to something with `scripts/check-openapi`, which is built on validators that are not ours.
/// - Returns: what it found, a line each; empty when all is well.
func checkOpenAPI(_ check: String, against content: [UInt8]? = nil) async throws -> String {
    let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
    let work = FileManager.default.temporaryDirectory.appending(path: "caiport-openapi-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: work) }
    let given = work.appending(path: "given.json")
    if let content { try Data(content).write(to: given) }
    let python = try await output(of: root.appending(path: "scripts/python"), [], in: work)
    try #require(python.status == 0, "scripts/python: \(python.text)")
    let interpreter = python.text.split(separator: "\n").last.map(String.init) ?? ""
    let found = try await output(
        of: URL(filePath: interpreter),
        [
            root.appending(path: "scripts/check-openapi").path(), check,
            root.appending(path: "Sources/Web/OpenAPI/openapi.yaml").path(),
        ] + (content == nil ? [] : [given.path()]), in: work)
    try #require(found.status == 0 || !found.text.isEmpty)
    return found.status == 0 ? "" : found.text
}

/// Runs a program to its end; what it says goes through a file, which is never full as a pipe may be.
private func output(
    of program: URL, _ arguments: [String], in work: URL
) async throws -> (status: Int32, text: String) {
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
    return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self))
}
