import Fakes
import Foundation
import Testing

/// Asks `scripts/check-records`, which is built on dnspython, about each of `given`.
/// - Returns: what it said of each.
func checkRecords(_ check: String, _ given: [some Encodable]) async throws -> [String] {
    let said = try await checkByPython("check-records", [check], given: Array(JSONEncoder().encode(given)))
    try #require(said.succeeded, "\(said.words)")
    let lines = said.output.split(separator: "\n").map(String.init)
    try #require(lines.count == given.count, "\(said.words)")
    return lines
}
