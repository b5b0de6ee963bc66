import Kernel
import Logging

/// What customers are charged, owe and have paid.
package struct Billing: Sendable {
    package let terms: BillingTerms
    let database: any Database
    let time: any Timekeeper
    let randomness: any Randomness
    let logger: Logger
    /// Called when there is new work for the workers.
    let wake: @Sendable () -> Void

    /// How often a commit is tried that others overtake: each try of many at once, one of them succeeds.
    static let tries = 50

    func audit() -> Audit { Audit(time: time, randomness: randomness) }

    static let overtaken = Refusal(
        .unavailable, "The account is changing too fast; try again", retryAfter: .seconds(1))
}

package enum InvoiceKind: IdentifierKind {
    package static let prefix = "inv"
}

package typealias InvoiceID = Identifier<InvoiceKind>

package enum PaymentKind: IdentifierKind {
    package static let prefix = "pay"
}

package typealias PaymentID = Identifier<PaymentKind>

package enum CreditGrantKind: IdentifierKind {
    package static let prefix = "cr"
}

package typealias CreditGrantID = Identifier<CreditGrantKind>

package enum AdjustmentKind: IdentifierKind {
    package static let prefix = "adj"
}

package typealias AdjustmentID = Identifier<AdjustmentKind>
