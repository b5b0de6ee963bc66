import HTTPTypes
import NIOCore

/// Where a request comes from: the connection's other end or, behind a proxy, whom the proxy says it serves.
///
/// Worked out only when somebody asks: a request with a good key needs no address.
package struct ClientAddress: Sendable {
    /// What counts as one client where addresses are counted.
    package enum Network: Hashable, Sendable {
        case v4(UInt32)
        /// The upper half: whoever has one IPv6 address has all of its /64.
        case v6(UInt64)
        /// A connection without a network, such as a Unix socket.
        case local
    }

    private let socket: SocketAddress?

    /// - Parameter behindProxy: trust the last entry of `X-Forwarded-For`, which is the proxy's own; those
    ///   before it are whatever the client wrote.
    init(channel: any Channel, headers: HTTPFields, behindProxy: Bool) {
        let peer = channel.remoteAddress
        socket = behindProxy ? Self.forwarded(in: headers) ?? peer : peer
    }

    init(_ socket: SocketAddress?) {
        self.socket = socket
    }

    /// The address without a port; `local` where there is none.
    package var text: String {
        guard let socket, let text = socket.ipAddress else { return "local" }
        if case .v4(let bits) = network, case .v6 = socket {
            return (0..<4).map { "\(bits >> (24 - 8 * $0) & 255)" }.joined(separator: ".")
        }
        return text
    }

    package var network: Network {
        switch socket {
        case .v4: bits(at: 4..<8).map { .v4(UInt32(truncatingIfNeeded: $0)) } ?? .local
        case .v6:
            if let prefix = bits(at: 8..<16), let middle = bits(at: 16..<20), let low = bits(at: 20..<24) {
                // ::ffff:a.b.c.d is an IPv4 client on a socket that takes both.
                prefix == 0 && middle == 0xFFFF ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(prefix)
            } else {
                .local
            }
        case .unixDomainSocket, nil: .local
        }
    }

    /// A part of the socket's address as the system lays it out, in network order: the address itself is at
    /// 4 in a `sockaddr_in`, and at 8 in a `sockaddr_in6`.
    private func bits(at range: Range<Int>) -> UInt64? {
        socket?.withSockAddr { address, size in
            let bytes = UnsafeRawBufferPointer(start: address, count: size)
            guard range.upperBound <= size else { return nil }
            return bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private static func forwarded(in headers: HTTPFields) -> SocketAddress? {
        guard let line = headers[values: .xForwardedFor].last,
            var entry = line.split(separator: ",", omittingEmptySubsequences: false).last
        else { return nil }
        while entry.first == " " || entry.first == "\t" { entry.removeFirst() }
        while entry.last == " " || entry.last == "\t" { entry.removeLast() }
        return try? SocketAddress(ipAddress: withoutPort(entry), port: 0)
    }

    /// `1.2.3.4:567` and `[2001:db8::1]:567`, as some proxies write.
    private static func withoutPort(_ entry: Substring) -> String {
        if entry.first == "[", let end = entry.firstIndex(of: "]") {
            return String(entry[entry.index(after: entry.startIndex)..<end])
        }
        if let colon = entry.firstIndex(of: ":"), entry.lastIndex(of: ":") == colon, entry.contains(".") {
            return String(entry[..<colon])
        }
        return String(entry)
    }
}
