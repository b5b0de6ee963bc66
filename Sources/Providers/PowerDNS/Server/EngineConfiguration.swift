import Foundation
import Kernel

/// What PowerDNS is told at its start.
struct EngineConfiguration {
    let listen: [DNSAddress]
    let secondaries: [DNSAddress]
    let apiPort: Int
    let apiKey: Secret<String>
    /// Whether its folder is its root, so that it reaches its files where only root may go.
    let isEnclosed: Bool

    static let fileName = "pdns.conf"
    static let databaseName = "pdns.sqlite3"

    /// An unknown setting ends PowerDNS at once, with the reason on its standard error.
    var text: String {
        var lines = [
            "launch=gsqlite3",
            "gsqlite3-database=\(Self.databaseName)",
            // An acknowledged change outlives the host's power.
            "gsqlite3-pragma-synchronous=2",
            "gsqlite3-pragma-foreign-keys=yes",
            "gsqlite3-dnssec=yes",
            "local-address=\(listen.map(\.description).joined(separator: ","))",
            "api=yes",
            "api-key=\(apiKey.exposed)",
            "webserver=yes",
            "webserver-address=127.0.0.1",
            "webserver-port=\(apiPort)",
            "webserver-allow-from=127.0.0.1",
            // In megabytes: the largest zone goes in one request.
            "webserver-max-bodysize=64",
            "webserver-loglevel=none",
            "daemon=no",
            "guardian=no",
            "write-pid=no",
            "socket-dir=\(isEnclosed ? "/" : ".")",
            // Else it asks its makers about its version, and tells everybody.
            "security-poll-suffix=",
            "version-string=anonymous",
            // Changes empty the caches of their zone; what comes into them in spite of it is not old for long.
            "cache-ttl=1",
            "query-cache-ttl=1",
            "negquery-cache-ttl=1",
            "consistent-backends=yes",
            // Errors; with more it has a line for each of a stranger's broken packets.
            "loglevel=3",
            "log-timestamp=no",
        ]
        if isEnclosed { lines.append("chroot=.") }
        lines += secondaries.isEmpty ? ["disable-axfr=yes"] : primary
        return lines.joined(separator: "\n") + "\n"
    }

    private var primary: [String] {
        [
            "primary=yes",
            "allow-axfr-ips=\(Set(secondaries.map(\.ip)).sorted().joined(separator: ","))",
            "also-notify=\(secondaries.map(\.description).joined(separator: ","))",
            // Nobody else: the name servers' names may lead anywhere.
            "only-notify=",
            "xfr-cycle-interval=2",
        ]
    }
}
