import Kernel

/// A domain, and the records that point it at a server.
package struct ConnectedDomain: Sendable {
    package let domain: Domain
    package let records: [DNSRecord]
}

extension Domains {
    /// Points a domain and its `www` at a server, and keeps them there: they follow its address, and go before it does.
    /// What else stood at these two names and would contradict goes.
    ///
    /// - Throws: `Refusal`: `notFound` for the domain or the server; `invalid` without a server; `invalidState` for a
    ///   server with no address yet; `unavailable`; `Unmet` as `repeat.record`.
    package func connect(
        _ id: String, to server: String?, by requester: Requester, once: Once<ConnectedDomain> = .unrepeated
    ) async throws -> ConnectedDomain {
        _ = try requireService()
        return try await change(
            id, act: .connect, by: requester, once: once,
            answering: { changed in
                let names = Self.connectedNames(of: changed.zone.domain.name)
                let records = changed.zone.list.filter { names.contains($0.name) && $0.server?.text == server }
                return ConnectedDomain(domain: changed.zone.domain, records: records)
            },
            draft: { zone in
                let (server, address) = try await self.address(of: server, account: requester.account)
                return try Self.connection(of: zone, to: server, at: address)
            })
    }

    static func connectedNames(of name: DomainName) -> [String] { [name.text, "www.\(name)"] }

    /// - Throws: `Refusal`.
    private func address(of text: String?, account: AccountID) async throws -> (ServerID, String) {
        guard let text else {
            throw Refusal(.invalid, "Missing: server_id", fields: ["server_id": "is required"])
        }
        guard let id = ServerID(text) else { throw Servers.noSuchServer }
        let row = try await database.read(
            "SELECT state, public_ip FROM servers WHERE id = \(id) AND account_id = \(account)"
        ).first
        guard let row else { throw Servers.noSuchServer }
        guard let address = try row.optionalText("public_ip") else {
            let state = try row.text("state")
            throw Refusal(
                .invalidState,
                "The server is \(state) and has no address. A domain can be connected once the server has one")
        }
        return (id, address)
    }

    private static func connection(of zone: HeldZone, to server: ServerID, at address: String) throws -> ZoneDraft {
        var draft = ZoneDraft(records: zone.records, detail: ["server": server.text, "address": address])
        let type = RecordType(ofAddress: address)
        for name in connectedNames(of: zone.domain.name) {
            for other in [RecordType.a, .aaaa, .cname] where other != type {
                draft.records.remove(RecordKey(name: name, type: other))
            }
            let set = RecordSet(name: name, type: type, ttl: RecordRules.defaultTTL, values: [address])
            try draft.records.upsert(set)
            draft.links[DNSValue(key: set.key, value: address)] = server
        }
        draft.conditions = [stays(server, at: address)]
        return draft
    }

    /// Promises that a server is still where it was seen, and not about to go.
    static func stays(_ server: ServerID, at address: String) -> Write {
        Write(
            "zone.condition",
            "UPDATE servers SET id = id WHERE id = \(server) AND public_ip = \(address) AND desired <> 'gone'")
    }
}

extension RecordType {
    init(ofAddress address: String) {
        self = address.contains(":") ? .aaaa : .a
    }
}
