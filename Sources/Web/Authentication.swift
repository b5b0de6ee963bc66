import Cloud
import HTTPTypes
import HummingbirdCore

/// Lets in who bears a valid API key.
struct Authentication: Sendable {
    let accounts: Accounts

    /// Nil when the key is missing, malformed, unknown or revoked: nobody learns which.
    func caller(of exchange: Exchange) async throws -> Caller? {
        guard let key = Self.bearerToken(in: exchange.request.headers) else { return nil }
        return try await accounts.authenticate(key)
    }

    static let refusal = Refusal(.unauthenticated, "Invalid or missing API key")

    /// The token of `Authorization: Bearer …`. Two such headers count as none: whoever stands between could
    /// have read the other one.
    static func bearerToken(in headers: HTTPFields) -> String? {
        let values = headers[values: .authorization]
        guard values.count == 1, let value = values.first, value.utf8.count <= 512 else { return nil }
        guard let space = value.utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        guard value[..<space].lowercased() == "bearer" else { return nil }
        let token = value[space...].drop { $0 == " " }
        return token.isEmpty || token.utf8.contains(UInt8(ascii: " ")) ? nil : String(token)
    }
}
