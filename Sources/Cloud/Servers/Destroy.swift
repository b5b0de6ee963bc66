import Kernel

extension Servers {
    /// Ends a server: it is terminated and costs nothing from this moment; its machine goes at once after.
    /// Safe to ask for twice.
    ///
    /// - Parameter conditions: promises that are kept with the commit, or it is not made: their `Unmet` is thrown.
    /// - Throws: `Refusal.notFound`; `Unmet` as `repeat.record` when another request of the same
    ///   Idempotency-Key was first.
    package func destroy(
        _ id: String, by requester: Requester, once: Once<Server> = .unrepeated, provided conditions: [Write] = []
    ) async throws -> Server {
        for _ in 0..<Self.tries {
            let server = try await show(id, of: requester.account)
            try once.requireSound()
            let now = time.now
            do {
                if server.state == .terminated {
                    try await once.record(server, for: requester.account, at: now, in: database)
                    return server
                }
                var ended = server
                ended.state = .terminated
                ended.address = nil
                ended.terminatedAt = now
                try await database.commit(
                    try termination(of: server, at: now, by: requester, once: once.key) + conditions
                        + once.writes(recording: ended, for: requester.account, at: now))
                wake()
                return ended
            } catch let unmet as Unmet where unmet.label == "server.terminate" {
                // A workflow moved it between the look and the commit.
            } catch let unknown as CommitUnknown {
                // A look tells; while there is none to be had, nobody may say that nothing was changed. The next
                // round finds it terminated, and whether this request's answer is on record.
                guard (try? await show(id, of: requester.account)) != nil else { throw unknown }
                wake()
            }
        }
        throw Refusal(.unavailable, "The server is changing too fast; try again", retryAfter: .seconds(1))
    }

    /// A server in error has given back its reservation before.
    private func termination(
        of server: Server, at now: Instant, by requester: Requester, once key: String?
    ) throws -> [Write] {
        let release = server.state == .error ? [] : [ServerWrites.release(server)]
        let destruction = try NewWorkflow(
            DestroyServer(server: server.id, account: server.account), id: WorkflowID(from: randomness),
            account: server.account.text, at: now, deadline: now + DestroyServer.alarmAfter)
        let entry = try Audit(time: time, randomness: randomness).entry(
            "server.destroy", on: server.id.text, by: requester, once: key, detail: ["name": server.name])
        // The guarded row goes first: whoever comes second finds it changed before anything is given back.
        let termination = Write(
            "server.terminate",
            """
            UPDATE servers SET state = 'terminated', desired = 'gone', reserved_cents = 0, last_ip = public_ip,
                public_ip = NULL, terminated_at = \(now)
            WHERE id = \(server.id) AND account_id = \(server.account) AND state = \(server.state.rawValue)
                AND reserved_cents = \(server.reserved)
            """)
        return [termination] + release + [
            Span.close(for: server.id, at: now),
            NewWorkflow.supersede(subject: server.id.text, at: now),
            NewWorkflow.wake(subject: server.id.text, at: now),
            destruction.writeIfNoneIsOpen,
            entry,
        ]
    }
}
