import Kernel
import Synchronization

extension FakeStripe {
    func reply(to request: Request) -> Reply {
        state.withLock { state in
            state.requests.append(request)
            guard request.headers["authorization"] == "Bearer \(key.exposed)" else {
                return Self.fault(401, "invalid_request_error", nil, "Invalid API Key provided")
            }
            guard request.method == "POST" else { return get(request, &state) }
            guard let once = request.headers["idempotency-key"] else { return post(request, &state).said }
            let fingerprint = "\(request.path) \(request.body)"
            if let known = state.replies[once] {
                guard known.fingerprint == fingerprint else {
                    return Self.fault(
                        400, "idempotency_error", nil,
                        "Keys for idempotent requests can only be used with the same parameters they were first used "
                            + "with.")
                }
                return known.reply
            }
            let answer = post(request, &state)
            if let kept = answer.kept { state.replies[once] = (fingerprint, kept) }
            return answer.said
        }
    }

    /// What is answered, and what whoever repeats the request gets; nothing is kept of what was refused before it
    /// was begun.
    private struct Answer {
        let said: Reply
        var kept: Reply?

        static func keeping(_ reply: Reply) -> Answer { Answer(said: reply, kept: reply) }
    }

    static func fault(
        _ status: Int, _ type: String, _ code: String?, _ message: String, more: [String: StripeJSON] = [:]
    ) -> Reply {
        .json(status, ["error": Self.error(type, code, message, more)])
    }

    private static func error(
        _ type: String, _ code: String?, _ message: String, _ more: [String: StripeJSON]
    ) -> StripeJSON {
        var fields: [String: StripeJSON] = ["type": .string(type), "message": .string(message)]
        if let code { fields["code"] = .string(code) }
        return .object(fields.merging(more) { _, new in new })
    }

    private func id(_ prefix: String, _ state: inout State) -> String {
        state.nextID += 1
        let digits = String(state.nextID, radix: 36)
        return "\(prefix)_fake\(String(repeating: "0", count: 12 - digits.count))\(digits)"
    }

    private func get(_ request: Request, _ state: inout State) -> Reply {
        let parts = request.path.split(separator: "/").map(String.init)
        switch (parts.dropLast().joined(separator: "/"), parts.last ?? "") {
        case ("v1", "payment_intents"): return charges(request, &state)
        case ("v1", "customers"):
            let found = state.customers.values.filter { $0.email == request.fields["email"] }
            return page(found.sorted { ($0.created, $0.id) > ($1.created, $1.id) }.map { ($0.id, $0.json) }, request)
        case ("v1", "refunds"): return refunds(request, &state)
        case ("v1/refunds", let id):
            if let found = state.refunds.first(where: { $0.id == id }) { return .json(200, found.json) }
        case ("v1/disputes", let id):
            if let found = state.disputes.first(where: { $0.id == id }) { return .json(200, found.json) }
        case ("v1/payment_intents", let id):
            if let found = state.intents.first(where: { $0.id == id }) { return .json(200, found.json) }
        case ("v1/checkout/sessions", let id):
            let isExpanded = request.fields["expand[0]"] == "setup_intent.payment_method"
            if let found = state.sessions[id] { return .json(200, found.json(expanded: isExpanded)) }
        default: break
        }
        return Self.fault(404, "invalid_request_error", "resource_missing", "No such object")
    }

    private func charges(_ request: Request, _ state: inout State) -> Reply {
        let since = request.fields["created[gte]"].flatMap { Int64($0) } ?? 0
        let found = state.intents.reversed().filter {
            $0.customer == request.fields["customer"] && $0.created >= since
        }
        return page(found.map { ($0.id, $0.json) }, request)
    }

    private func refunds(_ request: Request, _ state: inout State) -> Reply {
        let found = state.refunds.reversed().filter {
            $0.intent == request.fields["payment_intent"] || $0.charge == request.fields["charge"]
        }
        return page(found.map { ($0.id, $0.json) }, request)
    }

    /// - Parameter found: the newest first, as Stripe lists.
    private func page(_ found: [(id: String, json: StripeJSON)], _ request: Request) -> Reply {
        var found = found
        if let after = request.fields["starting_after"], let place = found.firstIndex(where: { $0.id == after }) {
            found.removeFirst(place + 1)
        }
        let limit = request.fields["limit"].flatMap { Int($0) } ?? 10
        return .json(
            200,
            [
                "object": "list", "url": .string(request.path), "has_more": .bool(found.count > limit),
                "data": .array(found.prefix(limit).map(\.json)),
            ])
    }

    private func post(_ request: Request, _ state: inout State) -> Answer {
        let now = time.now.seconds
        switch request.path {
        case "/v1/customers":
            let made = Customer(
                id: id("cus", &state), created: now, email: request.fields["email"], metadata: request.metadata)
            state.customers[made.id] = made
            return .keeping(.json(200, made.json))
        case "/v1/checkout/sessions":
            guard let customer = request.fields["customer"], state.customers[customer] != nil else {
                return Answer(said: Self.fault(400, "invalid_request_error", "resource_missing", "No such customer"))
            }
            let name = id("cs_test", &state)
            let made = Session(
                id: name, created: now, customer: customer, reference: request.fields["client_reference_id"],
                url: "\(url)/pay/\(name)", setupIntent: id("seti", &state), metadata: request.metadata)
            state.sessions[name] = made
            return .keeping(.json(200, made.json(expanded: false)))
        case "/v1/payment_intents": return charge(request, &state)
        case "/v1/refunds": return refund(request, &state)
        default: return Answer(said: Self.fault(404, "invalid_request_error", nil, "Unrecognized request URL"))
        }
    }

    private func charge(_ request: Request, _ state: inout State) -> Answer {
        guard let amount = request.fields["amount"].flatMap({ Int64($0) }), request.fields["currency"] == "aud" else {
            return Answer(
                said: Self.fault(400, "invalid_request_error", "parameter_missing", "Missing required param: amount."))
        }
        guard amount >= 50 else {
            return Answer(
                said: Self.fault(
                    400, "invalid_request_error", "amount_too_small", "Amount must be at least $0.50 aud"))
        }
        guard let method = request.fields["payment_method"].flatMap({ state.methods[$0] }),
            method.customer == request.fields["customer"]
        else {
            return Answer(said: Self.fault(400, "invalid_request_error", "resource_missing", "No such PaymentMethod"))
        }
        let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
        switch fault {
        case .hangUp: return Answer(said: .hangUp)
        case .rateLimit:
            return Answer(said: Self.fault(429, "invalid_request_error", "rate_limit", "Too many requests"))
        case .serverError: return .keeping(Self.fault(500, "api_error", nil, "An unknown error occurred"))
        default: break
        }
        var intent = Intent(
            id: id("pi", &state), created: time.now.seconds, amount: amount, customer: method.customer,
            method: method.id, metadata: request.metadata, status: "succeeded")
        if case .processing = fault { intent.status = "processing" }
        if let words = fault?.refusal {
            intent.status = "requires_payment_method"
            intent.fault = Self.error("card_error", words.code, words.message, words.more)
        }
        state.intents.append(intent)
        tell(of: intent, &state)
        let answer: Reply =
            if case .object(let error) = intent.fault {
                .json(402, ["error": .object(error.merging(["payment_intent": intent.json]) { _, new in new })])
            } else {
                .json(200, intent.json)
            }
        return fault.map { losing(answer, by: $0) } ?? .keeping(answer)
    }

    private func refund(_ request: Request, _ state: inout State) -> Answer {
        guard let place = state.intents.firstIndex(where: { $0.id == request.fields["payment_intent"] }),
            let amount = request.fields["amount"].flatMap({ Int64($0) }), amount > 0, state.intents[place].isPaid
        else {
            return Answer(said: Self.fault(400, "invalid_request_error", "resource_missing", "No such charge"))
        }
        let intent = state.intents[place]
        guard intent.refunded < intent.amount else {
            return Answer(
                said: Self.fault(
                    400, "invalid_request_error", "charge_already_refunded", "Charge has already been refunded."))
        }
        guard amount <= intent.amount - intent.refunded else {
            return Answer(
                said: Self.fault(
                    400, "invalid_request_error", nil, "Refund amount is greater than unrefunded amount on charge"))
        }
        let fault = state.refundFaults.isEmpty ? nil : state.refundFaults.removeFirst()
        switch fault {
        case .hangUp: return Answer(said: .hangUp)
        case .rateLimit:
            return Answer(said: Self.fault(429, "invalid_request_error", "rate_limit", "Too many requests"))
        case .serverError: return .keeping(Self.fault(500, "api_error", nil, "An unknown error occurred"))
        default: break
        }
        let made = give(back: amount, of: place, request.metadata, &state)
        return fault.map { losing(.json(200, made.json), by: $0) } ?? .keeping(.json(200, made.json))
    }

    func give(back amount: Int64, of place: Int, _ metadata: [String: String], _ state: inout State) -> Refund {
        state.intents[place].refunded += amount
        let intent = state.intents[place]
        let made = Refund(
            id: id("re", &state), created: time.now.seconds, amount: amount, intent: intent.id, charge: intent.charge,
            metadata: metadata)
        state.refunds.append(made)
        tell("charge.refunded", ["id": .string(intent.charge), "object": "charge"], &state)
        return made
    }

    func dispute(_ place: Int, _ state: inout State) {
        let intent = state.intents[place]
        let made = Dispute(
            id: id("dp", &state), created: time.now.seconds, amount: intent.amount, intent: intent.id,
            charge: intent.charge)
        state.disputes.append(made)
        tell("charge.dispute.created", made.json, &state)
    }

    /// The first answer is lost; whoever repeats the request gets it.
    private func losing(_ answer: Reply, by fault: Fault) -> Answer {
        switch fault {
        case .succeedThenHangUp: Answer(said: .hangUp, kept: answer)
        case .succeedThenSilence: Answer(said: .silence, kept: answer)
        case .succeedThenServerError: .keeping(Self.fault(500, "api_error", nil, "An unknown error occurred"))
        default: .keeping(answer)
        }
    }

    func tell(of intent: Intent, _ state: inout State) {
        let kind =
            switch intent.status {
            case "succeeded": "payment_intent.succeeded"
            case "processing": "payment_intent.processing"
            default: "payment_intent.payment_failed"
            }
        tell(kind, intent.json, &state)
    }

    func tell(_ kind: String, _ object: StripeJSON, _ state: inout State) {
        state.events.append([
            "id": .string(id("evt", &state)), "object": "event", "api_version": "2026-10-28.endive",
            "created": .integer(time.now.seconds), "type": .string(kind), "livemode": false, "pending_webhooks": 1,
            "request": ["id": nil, "idempotency_key": nil], "data": ["object": object],
        ])
    }

    func newMethod(_ card: FakeCard, of customer: String, _ state: inout State) -> Method {
        Method(id: id("pm", &state), created: time.now.seconds, customer: customer, card: card)
    }
}

extension FakeStripe.Fault {
    fileprivate var refusal: (code: String, message: String, more: [String: StripeJSON])? {
        switch self {
        case .decline(let code, let advice):
            var more: [String: StripeJSON] = ["decline_code": .string(code)]
            if let advice { more["advice_code"] = .string(advice) }
            return ("card_declined", "Your card was declined.", more)
        case .authenticationRequired:
            return (
                "authentication_required", "Your card was declined. This transaction requires authentication.",
                ["decline_code": "authentication_required"]
            )
        default: return nil
        }
    }
}
