import NIOCore

/// Where a name server is asked: an IP address and a port.
package struct DNSAddress: Sendable, Hashable, CustomStringConvertible {
    /// In the standard form, IPv6 without brackets.
    package let ip: String
    package let port: Int

    /// `192.0.2.1`, `192.0.2.1:5300`, `2001:db8::1` or `[2001:db8::1]:5300`; nil for anything else, names included.
    package init?(_ text: String, defaultPort: Int = 53) {
        var host = Substring(text)
        var digits: Substring?
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            digits = rest.isEmpty ? nil : rest.dropFirst()
            host = host[host.index(after: host.startIndex)..<end]
            guard host.contains(":") else { return nil }
        } else if host.filter({ $0 == ":" }).count == 1, let colon = host.firstIndex(of: ":") {
            digits = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        var port = defaultPort
        if let digits {
            let isNumber = (1...5).contains(digits.utf8.count) && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber, let number = Int(digits), (1...65_535).contains(number) else { return nil }
            port = number
        }
        // A zone index ("fe80::1%eth0") would not survive the engine's configuration.
        guard !host.contains("%"), let address = try? SocketAddress(ipAddress: String(host), port: port),
            let ip = address.ipAddress
        else { return nil }
        self.init(ip: ip, port: port)
    }

    init(ip: String, port: Int) {
        self.ip = ip
        self.port = port
    }

    package var description: String { ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)" }

    /// Where to ask a server that listens here: one that listens everywhere is asked on loopback.
    package var reachable: DNSAddress {
        switch ip {
        case "0.0.0.0": DNSAddress(ip: "127.0.0.1", port: port)
        case "::": DNSAddress(ip: "::1", port: port)
        default: self
        }
    }
}
