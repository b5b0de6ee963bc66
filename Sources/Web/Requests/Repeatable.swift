import Cloud
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Wire

/// What every route that changes something goes through: a request that comes again with the same
/// `Idempotency-Key` is answered as it was, and has no second effect.
struct Repeatable: Sendable {
    let repeats: Repeats

    /// Reads the body, and does `act` unless its request was answered before.
    ///
    /// The lookup comes before everything that `act` may refuse, so that a replay is given even when its subject
    /// is gone or the account's standing has changed.
    func answer<Value: Sendable>(
        _ exchange: Exchange, _ caller: Caller, with answer: @escaping @Sendable (Value) -> Answer,
        by act: ([UInt8], Once<Value>) async throws -> Value
    ) async throws -> Answer {
        let key = exchange.idempotencyKey
        // A DELETE has nothing to say in its body; with a key, it is a part of what is repeated.
        let body = key != nil || exchange.request.method != .delete ? try await exchange.bytes() : []
        let claim = key.map {
            RepeatClaim(
                key: $0, method: exchange.request.method.rawValue, path: exchange.pathSegments, body: body)
        }
        let outcome = try await repeats.answer(claim, of: caller.account, with: { answer($0).recorded }) { once in
            do {
                return try await act(body, once)
            } catch let fault as BodyFault {
                if case .missing = fault { try once.requireSound() }
                throw fault
            }
        }
        switch outcome {
        case .done(let value): return answer(value)
        case .replayed(let recorded): return Answer(replaying: recorded)
        }
    }
}

extension Exchange {
    /// The request's `Idempotency-Key`; two of them are no key at all, which is an empty one.
    fileprivate var idempotencyKey: String? {
        let values = request.headers[values: .idempotencyKey]
        return values.count > 1 ? "" : values.first
    }
}

extension Answer {
    fileprivate var recorded: RecordedAnswer {
        RecordedAnswer(status: status.code, body: String(buffer: body))
    }

    fileprivate init(replaying recorded: RecordedAnswer) {
        let status: HTTPResponse.Status =
            switch recorded.status {
            case 200: .ok
            case 201: .created
            default: HTTPResponse.Status(code: recorded.status)
            }
        self.init(
            status, Array(recorded.body.utf8), headers: [HTTPField(name: .idempotentReplayed, value: "true")])
    }
}
