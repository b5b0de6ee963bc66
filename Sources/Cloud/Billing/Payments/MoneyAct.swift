import Kernel

/// An act upon an account's money that its operator gave a name: asked for again by that name, it says what was done
/// and does nothing.
struct MoneyAct: Sendable {
    let kind: Kind
    /// The grant, the adjustment, the invoice or the payment; of a refund, the payment and the refund.
    let subject: String
    let amount: Money

    /// Names in the database; they never change.
    enum Kind: String, CaseIterable, Sendable {
        case grant
        case revoke
        case adjust
        case writeOff = "write-off"
        case reverse
        case refund
    }

    /// Writes the name down, in the commit of the act; nothing without a name.
    func writes(under reference: String?, of account: AccountID, at now: Instant) -> [Write] {
        guard let reference else { return [] }
        return [
            Write(
                "money-act.insert",
                """
                INSERT INTO money_acts (account_id, reference, act, subject, cents, at)
                VALUES (\(account), \(reference), \(kind.rawValue), \(subject), \(amount), \(now))
                """)
        ]
    }
}

extension Billing {
    /// The act that was done under this name; nil when none was, or there is no name.
    /// - Throws: `Refusal.conflict` when that was something else.
    func act(
        under reference: String?, of account: AccountID, _ isSame: (MoneyAct) async throws -> Bool
    ) async throws -> MoneyAct? {
        guard let reference else { return nil }
        let row = try await database.read(
            """
            SELECT act, subject, cents FROM money_acts WHERE account_id = \(account) AND reference = \(reference)
            """
        ).first
        guard let row else { return nil }
        let act = MoneyAct(
            kind: try row.value("act"), subject: try row.text("subject"), amount: Money(cents: try row.integer("cents"))
        )
        guard try await isSame(act) else {
            throw Refusal(
                .conflict, "Something else was done to this account's money under this reference",
                fields: ["reference": "must be new, or that of the same act with the same sum"])
        }
        return act
    }

    /// Whether an act of this name was done upon the account's money before.
    package func isRecorded(_ reference: String?, of account: AccountID) async throws -> Bool {
        guard let reference else { return false }
        return try await !database.read(
            "SELECT at FROM money_acts WHERE account_id = \(account) AND reference = \(reference)"
        ).isEmpty
    }

    /// - Throws: `Refusal.invalid` with the field `reference`.
    static func require(reference: String?) throws {
        guard let reference, !Label.isValid(reference, atMost: 255) else { return }
        throw Refusal(.invalid, "This reference cannot be used", fields: ["reference": NewPayment.referenceRule])
    }
}
