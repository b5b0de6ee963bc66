import Kernel

extension Servers {
    /// Ends a server: it is terminated and costs nothing from this moment; its machine goes at once after.
    /// Safe to ask for twice.
    ///
    /// - Throws: `Refusal.notFound`.
    package func destroy(_ id: String, by requester: Requester) async throws -> Server {
        for _ in 0..<Self.tries {
            let server = try await show(id, of: requester.account)
            if server.state == .terminated { return server }
            do {
                let now = time.now
                try await database.commit(try termination(of: server, at: now, by: requester))
                wake()
                var ended = server
                ended.state = .terminated
                ended.address = nil
                ended.terminatedAt = now
                return ended
            } catch let unmet as Unmet where unmet.label == "server.terminate" {
                // A workflow moved it between the look and the commit.
            } catch let unknown as CommitUnknown {
                // A look tells; while there is none to be had, nobody may say that nothing was changed.
                guard let found = try? await show(id, of: requester.account) else { throw unknown }
                if found.state == .terminated { return found }
            }
        }
        throw Refusal(.unavailable, "The server is changing too fast; try again", retryAfter: .seconds(1))
    }

    /// A server in error has given back its reservation before.
    private func termination(of server: Server, at now: Instant, by requester: Requester) throws -> [Write] {
        let release = server.state == .error ? [] : [ServerWrites.release(server)]
        let destruction = try NewWorkflow(
            DestroyServer(server: server.id, account: server.account), id: WorkflowID(from: randomness),
            account: server.account.text, at: now, deadline: now + DestroyServer.alarmAfter)
        let entry = try Audit(time: time, randomness: randomness).entry(
            "server.destroy", on: server.id.text, by: requester, detail: ["name": server.name])
        // The guarded row goes first: whoever comes second finds it changed before anything is given back.
        let termination = Write(
            "server.terminate",
            """
            UPDATE servers SET state = 'terminated', desired = 'gone', reserved_cents = 0, public_ip = NULL,
                terminated_at = \(now)
            WHERE id = \(server.id) AND account_id = \(server.account) AND state = \(server.state.rawValue)
                AND reserved_cents = \(server.reserved)
            """)
        return [termination] + release + [
            Span.close(for: server.id, at: now),
            NewWorkflow.wake(subject: server.id.text, at: now),
            destruction.writeIfNoneIsOpen,
            entry,
        ]
    }
}
