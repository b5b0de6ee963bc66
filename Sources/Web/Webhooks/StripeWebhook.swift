import Cloud
import HTTPTypes
import HummingbirdCore
import Wire

/// Where the payment processor tells us what happened.
struct StripeWebhook: Sendable {
    let processing: Processing

    /// Answers at once: what follows from an event is a workflow's work. Any answer but 2xx has Stripe post it again,
    /// for three days.
    func receive(_ exchange: Exchange) async throws -> Answer {
        let body = try await exchange.bytes()
        let signatures = exchange.request.headers[values: .stripeSignature]
        do {
            // A second header is nobody's but a forger's.
            try await processing.receive(body, signature: signatures.count == 1 ? signatures[0] : nil)
        } catch let fault as EventFault {
            return try refusal(of: fault, to: exchange)
        }
        return .ok(Received())
    }

    private func refusal(of fault: EventFault, to exchange: Exchange) throws -> Answer {
        let sentence: String
        switch fault {
        case .notExpected: throw Refusal(.notFound, "There is nothing at this path")
        case .forged: sentence = "The signature is not the processor's, or it is too old"
        case .malformed: sentence = "The body is no event"
        }
        let body = Wire.ErrorAnswer(error: sentence, code: "malformed_request", requestID: exchange.requestID)
        return Answer(.badRequest, body.json())
    }

    private struct Received: JSONWritable {
        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.key("received")
                writer.bool(true)
            }
        }
    }
}
