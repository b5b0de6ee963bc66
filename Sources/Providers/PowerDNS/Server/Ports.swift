import Foundation
import NIOCore

/// Ports of this host.
enum Ports {
    /// A port of loopback that is free now.
    /// - Throws: `HostError`.
    static func free() throws(HostError) -> Int {
        let socket = try bound(DNSAddress(ip: "127.0.0.1", port: 0), SOCK_STREAM)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.raw, $0, &size) }
        }
        guard result == 0 else { throw HostError("getsockname") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Whether a server could listen there, by UDP and by TCP; thrown is why not.
    /// - Throws: `HostError`.
    static func requireFree(_ address: DNSAddress) throws(HostError) {
        _ = try bound(address, SOCK_DGRAM)
        let stream = try bound(address, SOCK_STREAM)
        guard listen(stream.raw, 1) == 0 else { throw HostError("listen on \(address)") }
    }

    private static func bound(_ address: DNSAddress, _ kind: __socket_type) throws(HostError) -> Descriptor {
        guard let target = try? SocketAddress(ipAddress: address.ip, port: address.port) else {
            throw HostError("use \(address)", code: EINVAL)
        }
        let family = address.ip.contains(":") ? AF_INET6 : AF_INET
        let raw = socket(family, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw HostError("socket") }
        let socket = Descriptor(raw)
        var yes: CInt = 1
        // As servers do: connections that were closed lately hold no port. One by UDP would be shared.
        if kind == SOCK_STREAM {
            setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        }
        if family == AF_INET6 {
            setsockopt(raw, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, socklen_t(MemoryLayout<CInt>.size))
        }
        let result = target.withSockAddr { pointer, size in bind(raw, pointer, socklen_t(size)) }
        guard result == 0 else { throw HostError("listen on \(address)") }
        return socket
    }
}
