import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel

/// Decides who comes in, and how often: keys and rate limits, in the contract's order.
struct Admission: Sendable {
    let authentication: Authentication
    let limits: RateLimits
    let limiter: RateLimiter

    /// Lets an anonymous request to an open route in.
    /// - Parameter standing: set to what the answer's headers say, whether or not this throws.
    /// - Throws: `Refusal.rateLimited`.
    func admit(_ exchange: Exchange, under rate: RateClass, _ standing: inout GCRA.Standing?) throws {
        let charge: RateLimiter.Charge
        switch rate {
        case .publicList: charge = publicLists(exchange)
        case .signIn: charge = RateLimiter.Charge(.signIns, limits.signIns, .network(exchange.client.network))
        case .unlimited, .general, .deploy, .domainCheck: return
        }
        let verdict = limiter.admit(charge)
        standing = verdict.standing
        if !verdict.admitted { throw Self.refusal(verdict.standing) }
    }

    /// Lets the bearer of a valid key in.
    /// - Throws: `Refusal.unauthenticated`, or `rateLimited` once the address has spent its failed attempts;
    ///   `rateLimited`; `suspended` for a change to a suspended account;
    ///   `scope` for one by a key that may only read.
    func admit(
        _ exchange: Exchange, under rate: RateClass, _ caller: inout Caller?, _ standing: inout GCRA.Standing?
    ) async throws -> Caller {
        let known = try await authenticate(exchange, &caller, &standing)
        let subject = RateLimiter.Subject.key(known.key.text)
        let special: RateLimiter.Charge? =
            switch rate {
            case .deploy: RateLimiter.Charge(.deploys, limits.deploys, subject)
            case .domainCheck: RateLimiter.Charge(.domainChecks, limits.domainChecks, subject)
            case .unlimited, .publicList, .general, .signIn: nil
            }
        let verdict = limiter.admit(general(known), special)
        standing = verdict.standing
        if !verdict.admitted { throw Self.refusal(verdict.standing) }
        let method = exchange.request.method
        if known.suspended && method != .get && method != .head { throw AccountStanding.suspension }
        if known.isReadOnly && method != .get && method != .head { throw Self.readOnly }
        return known
    }

    /// For a route that does not exist inside the API: a key comes first, but nothing is charged for a typo.
    func authenticateOnly(
        _ exchange: Exchange, _ caller: inout Caller?, _ standing: inout GCRA.Standing?
    ) async throws {
        let known = try await authenticate(exchange, &caller, &standing)
        standing = limiter.standing(general(known))
    }

    /// What the headers of an open path's answer say when nothing was charged.
    func publicStanding(_ exchange: Exchange) -> GCRA.Standing {
        limiter.standing(publicLists(exchange))
    }

    private func authenticate(
        _ exchange: Exchange, _ caller: inout Caller?, _ standing: inout GCRA.Standing?
    ) async throws -> Caller {
        do {
            caller = try await authentication.caller(of: exchange)
        } catch {
            standing = limiter.standing(failedAttempts(exchange))
            throw error
        }
        // The key is looked at first, so that whoever shares an address with a guesser is still let in.
        if let caller { return caller }
        let verdict = limiter.admit(failedAttempts(exchange))
        standing = verdict.standing
        throw verdict.admitted ? Authentication.refusal : Self.refusal(verdict.standing)
    }

    private func general(_ caller: Caller) -> RateLimiter.Charge {
        RateLimiter.Charge(.general, limits.general(perHour: caller.ratePerHour), .key(caller.key.text))
    }

    private func publicLists(_ exchange: Exchange) -> RateLimiter.Charge {
        RateLimiter.Charge(.publicLists, limits.publicLists, .network(exchange.client.network))
    }

    private func failedAttempts(_ exchange: Exchange) -> RateLimiter.Charge {
        RateLimiter.Charge(.failedAttempts, limits.failedAttempts, .network(exchange.client.network))
    }

    private static let readOnly = Refusal(.scope, "This API key may read and change nothing: take another one")

    private static func refusal(_ standing: GCRA.Standing) -> Refusal {
        let seconds = max(1, standing.retryAfter)
        return Refusal(
            .rateLimited, "Rate limit exceeded: try again in \(seconds) \(seconds == 1 ? "second" : "seconds")",
            retryAfter: .seconds(seconds))
    }
}
