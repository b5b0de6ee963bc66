/// A request that is refused for a reason its sender can act on. Anything else that is thrown is our fault.
package struct Refusal: Error, Hashable, Sendable {
    package let code: Code
    /// A public sentence that a person can act on. It never repeats an identifier of somebody else's.
    package let sentence: String
    /// The fields at fault, each with what is wrong with it.
    package let fields: [String: String]
    /// When it makes sense to try again.
    package let retryAfter: Duration?

    /// Stable names of the reasons; part of the public contract.
    package enum Code: String, CaseIterable, Sendable {
        case malformedJSON = "malformed_json"
        case unauthenticated
        case paymentRequired = "payment_required"
        case serverLimit = "server_limit"
        case spendCap = "spend_cap"
        case suspended
        case unconfirmed
        case scope
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case invalidState = "invalid_state"
        case busy
        case conflict
        case tooLarge = "too_large"
        case invalid
        case idempotencyKeyReused = "idempotency_key_reused"
        case rateLimited = "rate_limited"
        case noCapacity = "no_capacity"
        case unavailable
    }

    package init(_ code: Code, _ sentence: String, fields: [String: String] = [:], retryAfter: Duration? = nil) {
        self.code = code
        self.sentence = sentence
        self.fields = fields
        self.retryAfter = retryAfter
    }
}
