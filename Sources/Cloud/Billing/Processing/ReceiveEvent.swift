import Kernel
import Logging

extension Processing {
    /// Takes what the processor posts: an event is stored once, in the commit that begins the look at its subject. A
    /// repetition changes nothing and is welcome, as is any order. What nobody acts on is not stored.
    /// - Throws: `EventFault`; what the database throws, whereupon the processor posts it again.
    package func receive(_ body: [UInt8], signature: String?) async throws {
        let now = time.now
        guard let event = try payments.event(in: body, signature: signature, at: now) else { return }
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
        case .card(let card): return try await isKnown(card.account) ? try await writes(setting: card) : []
        case .charge(let key, let outcome):
            guard try await isKnown(key.account) else { return [] }
            if case .succeeded(let reference, let amount) = outcome {
                let invoices = key.topic.query(of: key.account)
                let invoice = try await database.read(invoices).first?.identifier("id") as InvoiceID?
                try await record(amount, of: reference, from: key.account, for: invoice)
            }
            // What else there is to conclude is for whoever collects the invoice.
            return [wakingCollection(of: key, at: time.now)]
        case .refunded(let charge, let refunds): return try await tell(refunds, of: charge)
        case .refundFailed(let charge, let amount):
            return try await alarm(
                "a refund failed after it was made: the customer did not get it", charge, amount)
        case .disputed(let charge, let amount, let reason):
            return try await alarm(
                "a customer's bank takes a payment back, and it is not booked", charge, amount, reason)
        }
    }

    /// Tells the operator of each refund once, and of none that is booked by its name.
    private func tell(_ refunds: [ForeignRefund], of charge: String) async throws -> [Write] {
        let row = try await database.read(
            "SELECT account_id FROM payments WHERE method = \(Self.cardMethod) AND reference = \(charge)"
        ).first
        guard let account: AccountID = try row?.identifier("account_id") else { return [] }
        let answers = try await database.read([
            "SELECT reference FROM foreign_refunds WHERE account_id = \(account)",
            "SELECT key FROM ledger_transactions WHERE account_id = \(account) AND key LIKE 'refund:%'",
        ])
        let told = Set(try answers[0].map { try $0.text("reference") })
        let booked = try answers[1].map { try $0.text("key") }
        var writes: [Write] = []
        for refund in refunds where !told.contains(refund.reference) {
            if booked.contains(where: { $0.hasSuffix(":\(refund.reference)") }) { continue }
            _ = try await alarm(
                "money was given back at the payment processor itself, and is not booked", charge, refund.amount,
                named: refund.reference)
            writes.append(
                Write(
                    "foreign-refund.insert", touching: 0...1,
                    """
                    INSERT INTO foreign_refunds (reference, account_id, cents, told_at)
                    VALUES (\(refund.reference), \(account), \(refund.amount), \(time.now))
                    ON CONFLICT (reference) DO NOTHING
                    """))
        }
        return writes
    }

    /// Tells the operator what no program may decide: what it means for the account, and what is to be booked.
    /// - Returns: no writes.
    private func alarm(
        _ words: String, _ charge: String, _ amount: Money, _ reason: String? = nil,
        named refund: String? = nil
    ) async throws -> [Write] {
        let row = try await database.read(
            """
            SELECT id, account_id FROM payments WHERE method = \(Self.cardMethod) AND reference = \(charge)
            """
        ).first
        // Another installation may share the processor's account.
        guard let row else { return [] }
        var metadata: Logger.Metadata = [
            "account": "\(try row.text("account_id"))", "payment": "\(try row.text("id"))", "charge": "\(charge)",
            "cents": "\(amount.cents)",
        ]
        if let reason { metadata["reason"] = "\(reason)" }
        if let refund { metadata["refund"] = "\(refund)" }
        billing.logger.critical("\(words)", metadata: metadata)
        return []
    }

    private func wakingCollection(of key: ChargeKey, at now: Instant) -> Write {
        Self.wakingCollections("subject IN (\(key.topic.query(of: key.account)))", at: now)
    }

    /// Another installation may share the processor's account.
    private func isKnown(_ account: AccountID) async throws -> Bool {
        try await !database.read("SELECT id FROM accounts WHERE id = \(account)").isEmpty
    }

    /// Books a charge that succeeded, once.
    /// - Parameter invoice: what it was charged for; nil where nobody knows.
    func record(
        _ amount: Money, of reference: String, from account: AccountID, for invoice: InvoiceID?
    ) async throws {
        let payment = try NewPayment(
            amount: amount, method: Self.cardMethod, reference: reference, receivedAt: time.now)
        let charged = invoice.map { ChargedDebt(invoice: $0, smallestCharge: payments.smallestCharge) }
        _ = try await billing.recordPayment(payment, for: charged, by: .system(account, because: reference))
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
