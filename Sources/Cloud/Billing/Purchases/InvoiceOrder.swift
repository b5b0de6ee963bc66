import Kernel
import Logging

/// Issues the invoice of an order that the registrar carried out, at once and once.
struct InvoiceOrder: Workflow {
    let order: DomainOrderID

    static let kind = "invoice-order"
    static let first = Step.issue
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case issue
    }

    var subject: String { order.text }

    private static let lacking = "It cannot be invoiced: "

    /// Whether it waits for an operator to say who sells.
    static func isIdle(_ work: OpenWork) -> Bool { work.kind == kind && work.note?.hasPrefix(lacking) == true }

    func interruption(in billing: Billing) async throws -> Next<Step>? { nil }

    func run(_ step: Step, in billing: Billing) async throws -> Next<Step> {
        let billing = try await billing.onStoredTerms()
        guard let (order, name) = try await billing.order(self.order), order.state == .done else { return .finish() }
        let candidate = try await billing.candidate(order.account)
        let draft = InvoiceDraft(order, of: name, terms: billing.terms, buyer: candidate.buyer)
        if let lack = billing.terms.lack(in: draft.period.month) {
            billing.logger.critical(
                "a name that was sold cannot be invoiced: an operator is needed",
                metadata: ["order": "\(order.id)", "reason": "\(lack)"])
            return .again(after: .seconds(3600), note: Self.lacking + lack)
        }
        try await billing.issue(draft, to: candidate)
        return .finish()
    }

    func giveUp(at step: Step, because failure: Failure, in billing: Billing) async throws -> Next<Step> {
        billing.logger.critical(
            "invoicing a name goes wrong", metadata: ["order": "\(order)", "failure": "\(failure)"])
        return .again(after: .seconds(60))
    }
}

extension Billing {
    /// An order, and the name it is of; nil when there is none of this id.
    fileprivate func order(_ id: DomainOrderID) async throws -> (order: PlacedOrder, name: String)? {
        try await database.read(
            """
            SELECT placed.*, domains.name FROM (SELECT \(PlacedOrder.columns) FROM domain_orders WHERE id = \(id))
                AS placed
            JOIN domains ON domains.id = placed.domain_id
            """
        ).first.map { (try PlacedOrder($0), try $0.text("name")) }
    }
}
