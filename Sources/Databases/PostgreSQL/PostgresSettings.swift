import CPQ
import Kernel

/// How to connect: what the URL says, and the limits that keep a lost server from holding a thread.
struct PostgresSettings: Sendable {
    /// libpq's keywords and their values, with the password among them.
    let parameters: Secret<[(keyword: String, value: String)]>
    /// The longest a statement may take.
    let patience: Duration

    /// - Throws: `DatabaseUnavailable` when `url` is not a PostgreSQL URL; it does not repeat the URL.
    init(url: String, patience: Duration) throws(DatabaseUnavailable) {
        // libpq quotes the URL, and the password in it, when it explains what is wrong.
        let refusal = DatabaseUnavailable("the database's address is not a valid postgres:// URL")
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else { throw refusal }
        guard var parameters = Self.parse(url) else { throw refusal }

        let limit = max(1, patience.wholeMilliseconds)
        // Statements outside a commit cannot write: a query is a query. The URL's own options follow and prevail.
        let options = [
            "-c default_transaction_read_only=on",
            "-c statement_timeout=\(limit)",
            "-c idle_in_transaction_session_timeout=\(limit)",
            parameters["options"] ?? "",
        ]
        let defaults = [
            "application_name": "caiportd", "connect_timeout": "5",
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
            "tcp_user_timeout": "20000",
        ]
        parameters.merge(defaults) { given, _ in given }
        parameters["options"] = options.joined(separator: " ")
        parameters["client_encoding"] = "UTF8"
        self.parameters = Secret(parameters.map { (keyword: $0.key, value: $0.value) })
        self.patience = patience
    }

    private static func parse(_ url: String) -> [String: String]? {
        guard let options = PQconninfoParse(url, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parameters
    }
}
