import Cloud
import HTTPTypes

extension Visit {
    /// Does `act` once for the form that was sent, however often it is, and leads to `link` each time.
    /// - Parameter link: where to go; a closure knows what was made.
    func once<Value: Sendable>(
        in repeats: Repeats, to link: Link, by act: (Once<Value>) async throws -> Value
    ) async throws -> Answer {
        try await once(in: repeats, leadingTo: { _ in link }, by: act)
    }

    func once<Value: Sendable>(
        in repeats: Repeats, leadingTo link: @escaping @Sendable (Value) -> Link,
        by act: (Once<Value>) async throws -> Value
    ) async throws -> Answer {
        switch try await outcome(in: repeats, recording: { link($0).text }, by: act) {
        case .done(let value): return .seeOther(link(value))
        case .replayed(let recorded): return .seeOther(Link(returning: recorded.body) ?? "/home")
        }
    }

    /// Does `act` once for the form that was sent, or tells what was recorded when it came first.
    func outcome<Value: Sendable>(
        in repeats: Repeats, recording text: @escaping @Sendable (Value) -> String,
        by act: (Once<Value>) async throws -> Value
    ) async throws -> Repeats.Outcome<Value> {
        let claim = form.optional(FormField.once).map {
            RepeatClaim(
                key: "form:\($0)", method: "POST", path: exchange.pathSegments,
                body: form.carried.flatMap { Array("\($0.name)=\($0.value)&".utf8) })
        }
        return try await repeats.answer(
            claim, of: try person().account, with: { RecordedAnswer(status: 303, body: text($0)) }, by: act)
    }
}
