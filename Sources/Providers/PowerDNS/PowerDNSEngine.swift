import Cloud
import Kernel

/// A PowerDNS that can be told things: one of our own (`PowerDNSServer`) or one already running (`ExternalPowerDNS`).
package protocol PowerDNSEngine: Sendable {
    /// How to reach it now.
    /// - Throws: `ZonesError`, of kind `unavailable`.
    func access() async throws(ZonesError) -> PowerDNSAccess
}

/// How to reach PowerDNS's API, and which of its lives this is.
package struct PowerDNSAccess: Sendable {
    /// Without a slash at the end, such as `http://127.0.0.1:8081`.
    package let url: String
    package let key: Secret<String>
    /// Another one after each start: what was held before may be lost.
    package let life: String

    package init(url: String, key: Secret<String>, life: String) {
        self.url = url
        self.key = key
        self.life = life
    }
}
