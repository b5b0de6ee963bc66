import Kernel

/// No processor: customers pay on the operator's terms, and the operator records what came in.
package struct InvoiceBilling: Payments {
    package init() {}

    package var chargesCards: Bool { false }

    package var smallestCharge: Money { .zero }

    package func makeCustomer(for account: AccountID, email: String) async throws -> String { throw Self.none }

    package func beginSetup(
        for customer: String, of account: AccountID, returningTo url: String
    ) async throws -> String {
        throw Self.none
    }

    package func charge(_ charge: Charge) async throws -> ChargeOutcome { throw Self.none }

    package func find(_ charge: Charge) async throws -> ChargeOutcome? { throw Self.none }

    package func refund(_ refund: CardRefund) async throws -> RefundOutcome { throw Self.none }

    package func find(_ refund: CardRefund) async throws -> RefundOutcome? { throw Self.none }

    package func event(in body: [UInt8], signature: String?, at now: Instant) throws(EventFault) -> ProcessorEvent? {
        throw .notExpected
    }

    package func look(at event: ProcessorEvent) async throws -> ProcessorNews { throw Self.none }

    private static let none = PaymentsError(.misconfigured, "no payment processor is configured")
}
