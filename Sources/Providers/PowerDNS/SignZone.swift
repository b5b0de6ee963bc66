import Cloud
import Foundation

extension PowerDNSZones {
    /// What the registrar is to be told of a zone: one for each key and digest, SHA-1 left out (RFC 8624).
    ///
    /// - Returns: none for a zone that is not signed, and for one that is not there.
    /// - Throws: as `put`.
    package func signers(of name: DomainName) async throws -> [DelegationSigner] {
        try await perform { api in
            do {
                return try await self.keys(of: EngineZone.id(name), api).filter(\.active).flatMap { $0.ds ?? [] }
                    .compactMap(DelegationSigner.init).filter { $0.digestType != 1 }.sorted()
            } catch PowerDNSAPI.Fault.absent {
                return []
            }
        }
    }

    /// Gives the zone a key unless it has one, or takes them all away.
    func sign(_ id: String, _ isSigned: Bool, _ api: PowerDNSAPI) async throws {
        let keys = try await keys(of: id, api)
        if !isSigned {
            for key in keys { try await api.delete("/zones/\(id)/cryptokeys/\(key.id)") }
        } else if !keys.contains(where: \.active) {
            _ = try await api.post("/zones/\(id)/cryptokeys", PowerDNSObject.NewKey(), as: PowerDNSObject.Key.self)
        }
    }

    private func keys(of id: String, _ api: PowerDNSAPI) async throws -> [PowerDNSObject.Key] {
        try await api.get("/zones/\(id)/cryptokeys")
    }
}
