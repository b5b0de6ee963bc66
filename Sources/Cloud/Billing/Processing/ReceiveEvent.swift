import Kernel
import Logging

extension Processing {
    /// Takes what the processor posts: an event is stored once, in the commit that begins the look at its subject. A
    /// repetition changes nothing and is welcome, as is any order.
    /// - Throws: `EventFault`; what the database throws, whereupon the processor posts it again.
    package func receive(_ body: [UInt8], signature: String?) async throws {
        let now = time.now
        let event = try payments.event(in: body, signature: signature, at: now)
        let look = try NewWorkflow(
            LookAtEvent(id: event.id, kind: event.kind, about: event.subject),
            id: WorkflowID(from: billing.randomness), account: "", at: now)
        do {
            try await database.commit([
                Write(
                    "event.insert",
                    """
                    INSERT INTO processor_events (id, kind, subject, received_at)
                    VALUES (\(event.id), \(event.kind), \(event.subject), \(now)) ON CONFLICT (id) DO NOTHING
                    """),
                look.write,
            ])
            billing.wake()
        } catch let unmet as Unmet where unmet.label == "event.insert" {
            // It is known already.
        }
    }
}

/// Looks at what an event of the processor's is about, and does what follows from that. Whatever the event itself
/// says but its subject's name is not believed, and its order does not matter.
struct LookAtEvent: Workflow {
    /// The processor's names of the event and of its subject.
    let id: String
    let kind: String
    let about: String

    static let kind = "look-at-event"
    static let first = Step.look
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case look
    }

    var subject: String { id }

    func interruption(in processing: Processing) async throws -> Next<Step>? { nil }

    func run(_ step: Step, in processing: Processing) async throws -> Next<Step> {
        let news: ProcessorNews
        do {
            news = try await processing.payments.look(at: ProcessorEvent(id: id, kind: kind, subject: about))
        } catch let error as PaymentsError where error.kind == .refused {
            processing.billing.logger.error(
                "what the payment processor tells of cannot be looked at",
                metadata: ["event": "\(id)", "error": "\(error)"])
            return .finish("refused", with: [done(at: processing.time.now)])
        }
        let writes = try await processing.follow(news)
        return .finish(with: writes + [done(at: processing.time.now)])
    }

    func giveUp(at step: Step, because failure: Failure, in processing: Processing) async throws -> Next<Step> {
        .again(after: .seconds(60))
    }

    private func done(at now: Instant) -> Write {
        Write("event.done", "UPDATE processor_events SET done_at = \(now) WHERE id = \(id)")
    }
}

extension Processing {
    /// What follows from news: done already, or the writes that do it.
    fileprivate func follow(_ news: ProcessorNews) async throws -> [Write] {
        switch news {
        case .nothing: return []
        case .card(let card): return try await isKnown(card.account) ? writes(setting: card) : []
        case .charge(let key, let account, let amount, let outcome):
            guard try await isKnown(account) else { return [] }
            if case .succeeded(let reference) = outcome {
                try await record(amount, of: reference, from: account)
            }
            // What else there is to conclude is for whoever collects the invoice.
            return [NewWorkflow.wake(subject: key.invoice.text, at: time.now)]
        }
    }

    /// Another installation may share the processor's account.
    private func isKnown(_ account: AccountID) async throws -> Bool {
        try await !database.read("SELECT id FROM accounts WHERE id = \(account)").isEmpty
    }

    /// Books a charge that succeeded, once.
    func record(_ amount: Money, of reference: String, from account: AccountID) async throws {
        let payment = try NewPayment(
            amount: amount, method: Self.cardMethod, reference: reference, receivedAt: time.now)
        _ = try await billing.recordPayment(payment, by: .system(account, because: reference))
    }

    static let cardMethod = "card"
}

extension Requester {
    /// The product itself, which acts on what happened.
    /// - Parameter reason: what happened, by its id.
    static func system(_ account: AccountID, because reason: String) -> Requester {
        Requester(account: account, address: "local", requestID: reason, means: .system)
    }
}
