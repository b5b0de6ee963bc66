import Foundation
import Kernel

package enum MailKind: IdentifierKind {
    package static let prefix = "ml"
}

package typealias MailID = Identifier<MailKind>

/// A letter to a customer: what happened. What it says is made of the database when it is sent.
package enum Letter: Hashable, Sendable {
    case invoiceIssued(InvoiceID)
    case adjustmentIssued(AdjustmentID)
    case paymentReceived(PaymentID)
    case paymentReversed(PaymentID)
    /// - Parameter attempt: from 1.
    case paymentFailed(InvoiceID, attempt: Int)
    /// - Parameter day: how many days ago the invoice was due.
    case overdue(InvoiceID, day: Int)
    case serversStopped(InvoiceID)
    case serversDestroyed(InvoiceID)
    case capReached(CapAlert)
    case domainTerm(DomainNotice)
    case account(AccountNotice)
    case proof(ProofID)

    /// Names in the database; they never change.
    package enum Kind: String, CaseIterable, Sendable {
        case invoiceIssued = "invoice-issued"
        case adjustmentIssued = "adjustment-issued"
        case paymentReceived = "payment-received"
        case paymentFailed = "payment-failed"
        case overdue
        case serversStopped = "servers-stopped"
        case serversDestroyed = "servers-destroyed"
        case capReached = "cap-reached"
        case domainTerm = "domain-term"
        case paymentReversed = "payment-reversed"
        case account
        case proof
    }

    package var kind: Kind {
        switch self {
        case .invoiceIssued: .invoiceIssued
        case .adjustmentIssued: .adjustmentIssued
        case .paymentReceived: .paymentReceived
        case .paymentReversed: .paymentReversed
        case .paymentFailed: .paymentFailed
        case .overdue: .overdue
        case .serversStopped: .serversStopped
        case .serversDestroyed: .serversDestroyed
        case .capReached: .capReached
        case .domainTerm: .domainTerm
        case .account: .account
        case .proof: .proof
        }
    }

    /// What makes a letter the same one: it is written once.
    package func key(for account: AccountID) -> String {
        switch self {
        case .invoiceIssued(let invoice): "invoice:\(invoice)"
        case .adjustmentIssued(let adjustment): "adjustment:\(adjustment)"
        case .paymentReceived(let payment): "payment:\(payment)"
        case .paymentReversed(let payment): "reversal:\(payment)"
        case .paymentFailed(let invoice, let attempt): "payment-failed:\(invoice):\(attempt)"
        case .overdue(let invoice, let day): "overdue:\(invoice):\(day)"
        case .serversStopped(let invoice): "servers-stopped:\(invoice)"
        case .serversDestroyed(let invoice): "servers-destroyed:\(invoice)"
        case .domainTerm(let notice): "\(account):\(notice.key)"
        case .account(let notice): "account:\(account):\(notice.event.rawValue):\(notice.mark)"
        case .proof(let proof): "proof:\(proof)"
        case .capReached(let alert): "cap:\(account):\(alert.month):\(alert.percent)"
        }
    }

    /// Writes the letter, in the commit of what it tells; a letter of the same key is left as it is.
    /// - Parameter key: where the letter's own does not tell it from others of its kind.
    package func write(
        key: String? = nil, for account: AccountID, at now: Instant, from randomness: any Randomness
    ) throws -> Write {
        Write(
            "mail.write", touching: 0...1,
            """
            INSERT INTO mails (id, key, account_id, kind, detail, created_at, next_at)
            VALUES (\(MailID(from: randomness)), \(key ?? self.key(for: account)), \(account), \(kind.rawValue),
                \(try detail()), \(now), \(now))
            ON CONFLICT (key) DO NOTHING
            """)
    }
}

/// How much of its spend cap an account had committed when it passed a mark.
package struct CapAlert: Hashable, Sendable, Codable {
    /// The mark: 50, 80 or 100.
    package let percent: Int
    package let committedCents: Int64
    package let capCents: Int64
    /// Such as `2026-11`; each mark is told once a month.
    package let month: String

    package init(percent: Int, committedCents: Int64, capCents: Int64, month: String) {
        self.percent = percent
        self.committedCents = committedCents
        self.capCents = capCents
        self.month = month
    }
}

extension Letter {
    /// A row that no letter is: written by a later version, or by nobody of ours.
    package struct Unknown: Error, CustomStringConvertible {
        let kind: String
        let detail: String

        package var description: String { "no letter is of the kind \(kind) with the detail \(detail)" }
    }

    private struct AboutInvoice: Codable {
        let invoice: InvoiceID
        var attempt: Int?
        var day: Int?
    }

    private struct AboutAdjustment: Codable {
        let adjustment: AdjustmentID
    }

    private struct AboutProof: Codable {
        let proof: ProofID
    }

    private struct AboutPayment: Codable {
        let payment: PaymentID
    }

    /// What the letter is about, as JSON.
    package func detail() throws -> String {
        switch self {
        case .invoiceIssued(let invoice), .serversStopped(let invoice), .serversDestroyed(let invoice):
            try Self.json(AboutInvoice(invoice: invoice))
        case .adjustmentIssued(let adjustment): try Self.json(AboutAdjustment(adjustment: adjustment))
        case .paymentReceived(let payment), .paymentReversed(let payment):
            try Self.json(AboutPayment(payment: payment))
        case .paymentFailed(let invoice, let attempt): try Self.json(AboutInvoice(invoice: invoice, attempt: attempt))
        case .overdue(let invoice, let day): try Self.json(AboutInvoice(invoice: invoice, day: day))
        case .capReached(let alert): try Self.json(alert)
        case .domainTerm(let notice): try Self.json(notice)
        case .account(let notice): try Self.json(notice)
        case .proof(let proof): try Self.json(AboutProof(proof: proof))
        }
    }

    /// The letter a row holds.
    /// - Throws: `Unknown`.
    package init(kind: String, detail: String) throws {
        let unknown = Unknown(kind: kind, detail: detail)
        func about<Matter: Decodable>(_: Matter.Type) throws -> Matter {
            guard let matter = try? JSONDecoder().decode(Matter.self, from: Data(detail.utf8)) else { throw unknown }
            return matter
        }
        guard let known = Kind(rawValue: kind) else { throw unknown }
        switch known {
        case .invoiceIssued: self = .invoiceIssued(try about(AboutInvoice.self).invoice)
        case .adjustmentIssued: self = .adjustmentIssued(try about(AboutAdjustment.self).adjustment)
        case .paymentReceived: self = .paymentReceived(try about(AboutPayment.self).payment)
        case .paymentReversed: self = .paymentReversed(try about(AboutPayment.self).payment)
        case .paymentFailed:
            let matter = try about(AboutInvoice.self)
            guard let attempt = matter.attempt else { throw unknown }
            self = .paymentFailed(matter.invoice, attempt: attempt)
        case .overdue:
            let matter = try about(AboutInvoice.self)
            guard let day = matter.day else { throw unknown }
            self = .overdue(matter.invoice, day: day)
        case .serversStopped: self = .serversStopped(try about(AboutInvoice.self).invoice)
        case .serversDestroyed: self = .serversDestroyed(try about(AboutInvoice.self).invoice)
        case .capReached: self = .capReached(try about(CapAlert.self))
        case .domainTerm: self = .domainTerm(try about(DomainNotice.self))
        case .account: self = .account(try about(AccountNotice.self))
        case .proof: self = .proof(try about(AboutProof.self).proof)
        }
    }

    private static func json(_ matter: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(matter), as: UTF8.self)
    }
}
