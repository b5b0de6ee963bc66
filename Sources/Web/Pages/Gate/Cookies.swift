import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel

/// The two cookies we give a browser. Under TLS they are bound to this host and to TLS by their names' prefix, which
/// browsers enforce (RFC 6265bis, section 4.1.3.2); on plain loopback they cannot be.
struct Cookies: Sendable {
    let isSecure: Bool

    enum Name: String {
        /// Who is signed in.
        case session = "caiport-session"
        /// What forms stand on, also before anybody signs in.
        case visitor = "caiport-visitor"
    }

    /// The token in a cookie; nil when there is none of its form, or more than one.
    func token(_ name: Name, in headers: HTTPFields) -> AccessToken? {
        let prefix = "\(full(name))="
        let found = headers[values: .cookie].flatMap { $0.split(separator: ";") }
            .map { AcceptHeader.trimmed($0) }.filter { $0.hasPrefix(prefix) }
        return found.count == 1 ? AccessToken(String(found[0].dropFirst(prefix.count))) : nil
    }

    func set(_ name: Name, _ token: AccessToken) -> HTTPField {
        // A visitor's outlives the session that it may lead to; a session's ends with the browser or before.
        let age = name == .visitor ? "; Max-Age=31536000" : ""
        return HTTPField(name: .setCookie, value: "\(full(name))=\(token.text.exposed)\(attributes)\(age)")
    }

    func clear(_ name: Name) -> HTTPField {
        HTTPField(name: .setCookie, value: "\(full(name))=\(attributes); Max-Age=0")
    }

    private func full(_ name: Name) -> String { (isSecure ? "__Host-" : "") + name.rawValue }

    private var attributes: String { "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "") }
}
