import Fakes
import Foundation
import Testing

/// Asks `scripts/check-stripe`, which is built on Stripe's own Python library, about `given`.
/// - Returns: the lines it said.
func checkStripe(_ check: String, _ given: some Encodable) async throws -> [String] {
    let said = try await checkByPython("check-stripe", [check], given: Array(JSONEncoder().encode(given)))
    try #require(said.succeeded, "\(said.words)")
    return said.output.split(separator: "\n").map(String.init)
}
