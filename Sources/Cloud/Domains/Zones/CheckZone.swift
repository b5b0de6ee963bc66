import Kernel

/// The name servers of the world's view: asked as resolvers ask them.
package protocol Authorities: Sendable {
    /// What each authoritative name server says of a zone, by asking it.
    func answers(about zone: DomainName) async -> [AuthorityAnswer]
}

/// What one name server says of a zone.
package struct AuthorityAnswer: Hashable, Sendable {
    /// Its name, such as `ns1.caiport.test`, or where it was asked.
    package let server: String
    /// Of the zone it answers; nil when it does not.
    package let serial: UInt32?
    /// Why there is no serial, in words for the customer.
    package let problem: String?

    package init(server: String, serial: UInt32?, problem: String? = nil) {
        self.server = server
        self.serial = serial
        self.problem = problem
    }
}

/// Which name servers answer what the database has.
package struct ZoneCheck: Hashable, Sendable {
    package struct Server: Hashable, Sendable {
        package let answer: AuthorityAnswer
        package let isInStep: Bool
    }

    package let version: ZoneVersion
    package let servers: [Server]

    /// Whether there are some, and all are.
    package var isInStep: Bool { !servers.isEmpty && servers.allSatisfy(\.isInStep) }
}

extension Domains {
    /// Asks the authoritative name servers what they answer now.
    ///
    /// - Throws: `Refusal.notFound`, `Refusal.unavailable`.
    package func checkZone(of id: String, account: AccountID) async throws -> ZoneCheck {
        let service = try requireService()
        let domain = try await find(id, of: account)
        let answers = await service.authorities?.answers(about: domain.name) ?? []
        // What was written while they were asked is the next check's affair.
        let isSynced = domain.synced >= domain.version
        return ZoneCheck(
            version: domain.version,
            servers: answers.map { answer in
                ZoneCheck.Server(
                    answer: answer, isInStep: isSynced && (answer.serial?.isAtLeast(domain.serial) ?? false))
            })
    }
}

extension UInt32 {
    /// By the arithmetic of serials, which begin again at the end (RFC 1982).
    fileprivate func isAtLeast(_ other: UInt32) -> Bool { Int32(bitPattern: self &- other) >= 0 }
}
