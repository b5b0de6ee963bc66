import Fakes
import Foundation
import Providers
import Testing

/// A PowerDNS that somebody else set up: as a secondary, or as an engine that was there before us.
struct OtherPowerDNS: Sendable {
    let address: DNSAddress
    let url: String
    let key: String
    let folder: String

    /// Runs it for as long as the body takes.
    static func with(_ body: (OtherPowerDNS) async throws -> Void) async throws {
        try await withDirectory { folder in
            let other = OtherPowerDNS(
                address: try freeAddress(), url: "http://\(try freeAddress())",
                key: "other-\(UInt64.random(in: 0 ... .max))", folder: folder)
            try await other.prepare()
            let running = Task {
                try await runProgram("pdns_server", ["--config-dir=\(folder)"], limit: .seconds(600))
            }
            let ready: Bool? = try? await eventually("PowerDNS's API", within: .seconds(60)) {
                return try? await other.request("GET", "") ? true : nil
            }
            guard ready == true else {
                running.cancel()
                throw NeverCame(what: "PowerDNS: \(try await running.value.errorOutput)")
            }
            do {
                try await body(other)
            } catch {
                running.cancel()
                _ = try? await running.value
                throw error
            }
            running.cancel()
            _ = try? await running.value
        }
    }

    private func prepare() async throws {
        let schema = try String(
            contentsOfFile: "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql", encoding: .utf8)
        let made = try await runProgram(
            "sqlite3", ["-bail", "\(folder)/other.sqlite3"], input: schema, limit: .seconds(30))
        try #require(made.succeeded, "\(made.complaint)")
        let port = url.split(separator: ":").last ?? ""
        let text = """
            launch=gsqlite3
            gsqlite3-database=\(folder)/other.sqlite3
            gsqlite3-dnssec=yes
            local-address=\(address)
            socket-dir=\(folder)
            secondary=yes
            xfr-cycle-interval=1
            api=yes
            api-key=\(key)
            webserver=yes
            webserver-address=127.0.0.1
            webserver-port=\(port)
            webserver-allow-from=127.0.0.1
            daemon=no
            guardian=no
            write-pid=no
            security-poll-suffix=
            cache-ttl=0
            query-cache-ttl=0
            negquery-cache-ttl=0

            """
        try text.write(toFile: "\(folder)/pdns.conf", atomically: true, encoding: .utf8)
    }

    /// Asks its API.
    /// - Returns: whether it did as asked.
    @discardableResult
    func request(_ method: String, _ path: String, _ body: String? = nil) async throws -> Bool {
        let result = try await runProgram(
            "curl",
            ["--silent", "--fail", "--noproxy", "*", "-X", method, "-H", "X-API-Key: \(key)"]
                + (body.map { ["-d", $0] } ?? []) + ["\(url)/api/v1/servers/localhost\(path)"], limit: .seconds(20))
        return result.succeeded
    }
}
