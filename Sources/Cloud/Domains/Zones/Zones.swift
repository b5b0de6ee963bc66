/// The name service: what answers resolvers for customers' zones. The database is the truth; the engine is made
/// to agree with it again and again, so losing the engine's data loses nothing.
package protocol Zones: Sendable {
    /// The engine holds exactly this zone once it returns, and every query begun later is answered from it.
    /// Puts of one zone must not overlap. Doing it twice changes nothing, the serial included.
    ///
    /// - Returns: the zone's serial in the engine.
    /// - Throws: `ZonesError`.
    func put(_ zone: Zone) async throws -> UInt32
    /// The engine knows nothing of the zone once it returns; one it never knew is no error.
    ///
    /// - Throws: `ZonesError`.
    func remove(_ name: DomainName) async throws
    /// What the zone above is to publish of a signed zone's keys, sorted; none for a zone that is not signed, or not
    /// there.
    ///
    /// - Throws: `ZonesError`.
    func signers(of name: DomainName) async throws -> [DelegationSigner]
    /// Every zone the engine holds.
    ///
    /// - Throws: `ZonesError`.
    func names() async throws -> Set<DomainName>
    /// Changes when the engine may have lost what it held (it was started again, or its data was wiped): whoever
    /// remembers having put a zone puts it again.
    var incarnation: String { get async }
}

/// What a zone is to hold, without its SOA, which is the engine's own.
package struct Zone: Sendable, Hashable {
    package var name: DomainName
    /// The NS records of the apex, absolute, without a trailing dot.
    package var nameServers: [String]
    /// Every other set, at most one per (name, type).
    package var sets: [RecordSet]
    /// Whether its answers are signed (DNSSEC).
    package var isSigned: Bool

    package init(name: DomainName, nameServers: [String], sets: [RecordSet], isSigned: Bool = false) {
        self.name = name
        self.nameServers = nameServers
        self.sets = sets
        self.isSigned = isSigned
    }
}

/// Why the name service did not do as asked.
package struct ZonesError: Error, Sendable {
    package enum Kind: Sendable {
        /// It cannot be reached, or is busy: the same again later.
        case unavailable
        /// It will not hold this; repeating changes nothing.
        case refused
    }

    package let kind: Kind
    /// What it said, for the operator's log.
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}
