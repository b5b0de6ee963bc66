import Foundation
import Kernel

/// What a customer asks for by `register`, as it was written.
package struct DomainOrder: Sendable {
    package let domain: String
    /// One when nil.
    package let years: Int?
    /// Of a name that is to come from another registrar: what its holder proves that he is the holder by.
    package let transferCode: String?

    package init(domain: String, years: Int? = nil, transferCode: String? = nil) {
        self.domain = domain
        self.years = years
        self.transferCode = transferCode
    }
}

package enum DomainOrderIDKind: IdentifierKind {
    package static let prefix = "do"
}

package typealias DomainOrderID = Identifier<DomainOrderIDKind>

/// Raw values are the database's and the API's.
package enum DomainOrderKind: String, CaseIterable, Sendable {
    case register
    case renew
    case transfer
}

/// What the registrar was asked, or is about to be, as a row: committed before it is sent.
struct PlacedOrder: Sendable {
    /// The token the registrar knows it by.
    let id: DomainOrderID
    let domain: DomainID
    let account: AccountID
    let kind: DomainOrderKind
    let years: Int
    let price: Money
    /// Of a transfer.
    let code: String?
    /// Of a renewal.
    let renewsFrom: Instant?
    let registrant: Registrant?
    let state: State
    let orderedAt: Instant

    /// Raw values are the database's.
    enum State: String, CaseIterable, Sendable {
        case open
        case done
        case failed
    }

    var isOpen: Bool { state == .open }

    /// When the term that it buys does.
    var begins: Instant { renewsFrom ?? orderedAt }

    static let columns: SQL =
        "id, domain_id, account_id, kind, years, cents, code, renews_from, registrant, state, ordered_at"

    init(
        id: DomainOrderID, domain: DomainID, account: AccountID, kind: DomainOrderKind, years: Int, price: Money,
        code: String? = nil, renewsFrom: Instant? = nil, registrant: Registrant?, at now: Instant
    ) {
        self.id = id
        self.domain = domain
        self.account = account
        self.kind = kind
        self.years = years
        self.price = price
        self.code = code
        self.renewsFrom = renewsFrom
        self.registrant = registrant
        state = .open
        orderedAt = now
    }

    init(_ row: Row) throws {
        id = try row.identifier("id")
        domain = try row.identifier("domain_id")
        account = try row.identifier("account_id")
        kind = try row.value("kind")
        years = try row.int("years")
        price = Money(cents: try row.integer("cents"))
        code = try row.optionalText("code")
        renewsFrom = try row.optionalInstant("renews_from")
        registrant = try row.optionalText("registrant").map { try Registrant(stored: $0) }
        state = try row.value("state")
        orderedAt = try row.instant("ordered_at")
    }

    /// Unmet as `order.insert` when the domain has an open one.
    func insertion() throws -> Write {
        Write(
            "order.insert",
            """
            INSERT INTO domain_orders (\(Self.columns))
            VALUES (\(id), \(domain), \(account), \(kind.rawValue), \(years), \(price), \(code), \(renewsFrom),
                \(try registrant?.stored()), 'open', \(orderedAt))
            """)
    }

    /// The code is of no use to anybody any more.
    func closing(_ state: State, at now: Instant) -> Write {
        Write(
            "order.close",
            """
            UPDATE domain_orders SET state = \(state.rawValue), closed_at = \(now), code = NULL
            WHERE id = \(id) AND state = 'open'
            """)
    }

    func forRegistrar(_ name: DomainName) -> RegistrarOrder {
        let errand: RegistrarOrder.Kind =
            switch kind {
            case .register: .register
            case .renew: .renew(from: renewsFrom ?? orderedAt)
            case .transfer: .transfer(code: code ?? "")
            }
        return RegistrarOrder(token: id.text, kind: errand, name: name, years: years, registrant: registrant)
    }
}

extension Registrant {
    /// Judged when it was stored.
    init(stored text: String) throws {
        self = try JSONDecoder().decode(Registrant.self, from: Data(text.utf8))
    }

    func stored() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
