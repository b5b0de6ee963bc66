import Kernel

/// The URL of a PostgreSQL database, with the password it may hold.
struct DatabaseAddress: Sendable {
    let url: Secret<String>

    /// An empty text is no address: the data is then in a file of the data directory.
    @Sendable static func parse(_ text: String) throws(BadValue) -> DatabaseAddress? {
        if text.isEmpty { return nil }
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            throw BadValue(rule: "must be postgres://USER:PASSWORD@HOST:PORT/DATABASE")
        }
        return DatabaseAddress(url: Secret(text))
    }

    /// What of the URL may be shown. A password may stand before the `@` or among the parameters; of the
    /// latter only those that are known to be harmless are shown.
    static func masked(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text.isEmpty ? "" : "***" }
        let prefix = text[..<scheme.upperBound]
        var rest = text[scheme.upperBound...]
        var user = ""
        // The last one: somebody may have forgotten to escape an @ in the password.
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            user = credentials.firstIndex(of: ":").map { "\(credentials[..<$0]):***@" } ?? "\(credentials)@"
            rest = rest[rest.index(after: at)...]
        }
        guard let question = rest.firstIndex(of: "?") else { return "\(prefix)\(user)\(rest)" }
        let parameters = rest[rest.index(after: question)...].split(separator: "&").map { parameter in
            let name = parameter.prefix { $0 != "=" }
            return harmless.contains(String(name)) ? String(parameter) : "\(name)=***"
        }
        return "\(prefix)\(user)\(rest[..<question])?\(parameters.joined(separator: "&"))"
    }

    private static let harmless: Set<String> = [
        "host", "hostaddr", "port", "dbname", "user", "sslmode", "sslrootcert", "application_name",
        "connect_timeout", "target_session_attrs", "options",
    ]
}
