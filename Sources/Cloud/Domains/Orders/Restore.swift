import Kernel

extension Domains {
    /// - Throws: `Refusal.conflict` for a name that the account has and did not delete.
    func requireRestorable(_ domain: Domain) throws {
        guard domain.state == .deleted else {
            throw Refusal(.conflict, "This account has the domain already: it is \(domain.state.rawValue)")
        }
        guard let expiresAt = domain.expiresAt, expiresAt > time.now else {
            throw Refusal(.conflict, "This domain expires now; try again in a moment")
        }
    }

    /// Brings back a name that the account deleted: it is registered still, so nothing is ordered or charged.
    func restore(_ domain: Domain, by requester: Requester, once: Once<Domain>) async throws -> Domain {
        try requireRestorable(domain)
        let now = time.now
        var restored = domain
        restored.state = .pending
        restored.deletedAt = nil
        restored.autoRenews = true
        restored.version = domain.version.next
        let workflow = try NewWorkflow(
            RegisterDomain(domain: domain.id, order: nil), id: WorkflowID(from: randomness),
            account: domain.account.text, at: now, deadline: now + RegisterDomain.timeLimit)
        let restoration = Write(
            "domain.restore",
            """
            UPDATE domains SET state = 'pending', deleted_at = NULL, auto_renew = 1, zone_version = \(restored.version)
            WHERE id = \(domain.id) AND state = 'deleted' AND zone_version = \(domain.version)
            """)
        let writes = [
            restoration, workflow.write,
            try history(.restore, of: restored, ZoneDifference(), by: requester, at: now),
            try audit().entry(
                "domain.restore", on: domain.id.text, by: requester, once: once.key,
                detail: ["domain": domain.name.text]),
        ]
        do {
            try await database.commit(writes + once.writes(recording: restored, for: domain.account, at: now))
        } catch let unmet as Unmet where ["domain.restore", "workflow.start"].contains(unmet.label) {
            throw Self.changingTooFast
        }
        wake()
        return restored
    }
}
