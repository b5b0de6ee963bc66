import Kernel

package enum DomainKind: IdentifierKind {
    package static let prefix = "dm"
}

package typealias DomainID = Identifier<DomainKind>

/// A name of an account, as everybody sees it.
package struct Domain: Hashable, Sendable {
    package let id: DomainID
    package let account: AccountID
    package let name: DomainName
    package internal(set) var state: DomainState
    package let registrar: String
    /// Until when it is registered; nil until it first was.
    package let expiresAt: Instant?
    package internal(set) var autoRenews: Bool
    package internal(set) var isLocked: Bool
    /// Why it could not be registered, for the customer.
    package let failure: String?
    /// Whether its answers are to be signed (DNSSEC).
    package internal(set) var isToBeSigned: Bool
    /// Whether they are: for a day longer than they are to be.
    package internal(set) var isSigned: Bool
    /// What the zone above is to publish of that; empty until it can be.
    package let signers: [DelegationSigner]
    package internal(set) var version: ZoneVersion
    /// What the name server answers.
    package let synced: ZoneVersion
    /// The serial of the name server's zone at that version.
    package let serial: UInt32
    package let createdAt: Instant
    package internal(set) var deletedAt: Instant?
}

/// The states of a name; raw values are the API's and the database's.
package enum DomainState: String, CaseIterable, Sendable {
    /// The registrar was asked, or its zone is being made.
    case pending
    case active
    /// It could not be registered, and costs nothing.
    case failed
    /// The customer gave it up: the zone is gone, the registration runs on until it expires.
    case deleted
    case expired
    /// It went to another registrar.
    case transferred

    /// Whether nobody else may have the name.
    var holdsName: Bool {
        switch self {
        case .pending, .active, .deleted: true
        case .failed, .expired, .transferred: false
        }
    }

    /// Whether the name server is to answer it. A zone is made only once the registrar accepted.
    var hasZone: Bool { self == .pending || self == .active }
}

/// Counts the changes of a zone's records, from 1.
package struct ZoneVersion: Hashable, Comparable, Sendable, SQLBindable {
    package let number: Int

    package init(_ number: Int) {
        self.number = number
    }

    package static func < (left: ZoneVersion, right: ZoneVersion) -> Bool { left.number < right.number }

    package var next: ZoneVersion { ZoneVersion(number + 1) }

    package var sqlValue: SQLValue { .integer(Int64(number)) }
}

extension Domain {
    /// The columns `init(_:)` reads.
    static let columns: SQL = """
        id, account_id, name, state, registrar, expires_at, auto_renew, locked, failure, dnssec, signed, ds,
        zone_version, zone_synced, zone_serial, created_at, deleted_at
        """

    init(_ row: Row) throws {
        id = try row.identifier("id")
        account = try row.identifier("account_id")
        name = DomainName(known: try row.text("name"))
        state = try row.value("state")
        registrar = try row.text("registrar")
        expiresAt = try row.optionalInstant("expires_at")
        autoRenews = try row.bool("auto_renew")
        isLocked = try row.bool("locked")
        failure = try row.optionalText("failure")
        isToBeSigned = try row.bool("dnssec")
        isSigned = try row.bool("signed")
        signers = [DelegationSigner](stored: try row.text("ds"))
        version = ZoneVersion(try row.int("zone_version"))
        synced = ZoneVersion(try row.int("zone_synced"))
        serial = UInt32(clamping: try row.integer("zone_serial"))
        createdAt = try row.instant("created_at")
        deletedAt = try row.optionalInstant("deleted_at")
    }
}
