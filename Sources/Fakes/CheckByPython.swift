import Foundation

/// Holds something of ours to libraries of others: runs `scripts/<script>` by the interpreter that `scripts/python`
/// makes for it.
///
/// - Parameters:
///   - arguments: before the path of what is given.
///   - given: what is judged, in a file.
/// - Throws: `HostTrouble`, `ChildProcess.Overdue`, `PythonMissing`.
package func checkByPython(
    _ script: String, _ arguments: [String], given: [UInt8]? = nil
) async throws -> ChildProcess.Outcome {
    // Making the interpreter downloads what it needs, once.
    let python = try await ChildProcess.run(inRepository("scripts/python"), limit: .seconds(600))
    guard python.succeeded, let interpreter = python.output.split(separator: "\n").last.map(String.init) else {
        throw PythonMissing(description: "scripts/python: \(python.words)")
    }
    let file = FileManager.default.temporaryDirectory.appending(path: "caiport-check-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    if let given { try Data(given).write(to: file) }
    return try await ChildProcess.run(
        interpreter,
        [inRepository("scripts/\(script)")] + arguments + (given == nil ? [] : [file.path(percentEncoded: false)]),
        limit: .seconds(600))
}

/// The path of a file of this repository.
package func inRepository(_ path: String) -> String {
    URL(filePath: #filePath).appending(path: "../../..").standardized.appending(path: path).path(percentEncoded: false)
}

package struct PythonMissing: Error, CustomStringConvertible {
    package let description: String
}
