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

    /// What of the URL may be shown: all but the password, and nothing but the scheme where one that was not
    /// escaped as it should be could be taken for something else.
    static func masked(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text.isEmpty ? "" : "***" }
        let rest = text[scheme.upperBound...]
        // USER:PASSWORD@HOST:PORT/DATABASE?PARAMETERS, of several hosts perhaps, in letters that mean nothing else.
        let plain =
            #/
            (?: (?<user> [\w.\-]* ) (?<password> : [^\/?]* )? @ )?
            (?<place>
                (?: [\w.\-]* | \[ [[:xdigit:]:.]+ \] ) (?: :\d{1,5} )?
                (?: , (?: [\w.\-]* | \[ [[:xdigit:]:.]+ \] ) (?: :\d{1,5} )? )*
                (?: \/ [\w.\-]* )?
            )
            (?: \? (?<parameters> [^@]* ) )?
            /#
        guard let parts = rest.wholeMatch(of: plain) else { return text[..<scheme.upperBound] + "***" }
        var shown = String(text[..<scheme.upperBound])
        if let user = parts.user { shown += user + (parts.password == nil ? "@" : ":***@") }
        shown += parts.place
        guard let parameters = parts.parameters else { return shown }
        return shown + "?" + parameters.split(separator: "&").map(masked(parameter:)).joined(separator: "&")
    }

    private static func masked(parameter: Substring) -> String {
        let name = String(parameter.prefix { $0 != "=" })
        if harmless.contains(name) { return String(parameter) }
        // Another name may be the end of a password with an & in it.
        return secret.contains(name) ? "\(name)=***" : "***"
    }

    private static let harmless: Set<String> = [
        "host", "hostaddr", "port", "dbname", "user", "sslmode", "sslrootcert", "application_name",
        "connect_timeout", "target_session_attrs",
    ]
    private static let secret: Set<String> = ["password", "sslpassword", "sslkey", "passfile", "options"]
}
