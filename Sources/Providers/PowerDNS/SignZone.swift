import Cloud
import Foundation

/// What the zone above must publish for signed answers to be believed (DS, RFC 4034 §5).
package struct DelegationSigner: Sendable, Hashable, CustomStringConvertible {
    package let keyTag: Int
    package let algorithm: Int
    package let digestType: Int
    /// Lower-case hexadecimal.
    package let digest: String

    /// `23016 13 2 08f5…`; nil for anything else.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count >= 4, let keyTag = Int(words[0]), let algorithm = Int(words[1]),
            let digestType = Int(words[2])
        else { return nil }
        self.keyTag = keyTag
        self.algorithm = algorithm
        self.digestType = digestType
        digest = words[3...].joined().lowercased()
    }

    package var description: String { "\(keyTag) \(algorithm) \(digestType) \(digest)" }
}

extension PowerDNSZones {
    /// What the registrar is to be told of a zone: one for each key and digest, SHA-1 left out (RFC 8624).
    ///
    /// - Returns: none for a zone that is not signed, and for one that is not there.
    /// - Throws: as `put`.
    package func ds(of name: DomainName) async throws -> [DelegationSigner] {
        try await perform { api in
            do {
                return try await self.keys(of: EngineZone.id(name), api).filter(\.active).flatMap { $0.ds ?? [] }
                    .compactMap(DelegationSigner.init).filter { $0.digestType != 1 }
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
