import Crypto
import Foundation

/// A machine's loopback address, with the ports of it that lead into the guest.
package struct LoopbackAddress: Codable, Hashable, Sendable {
    package let ip: String
    package let forwards: [Forward]

    package struct Forward: Codable, Hashable, Sendable {
        package let host: Int
        package let guest: Int
    }

    /// Where SSH is forwarded.
    package var sshPort: Int { forwards.first { $0.guest == 22 }?.host ?? 22 }

    /// Whether all its ports could be bound now.
    var isFree: Bool { forwards.allSatisfy { canListen(ip, $0.host) } }
}

/// The loopback addresses that machines get, such as `127.10.0.0/16`.
package struct LoopbackRange: Hashable, Sendable {
    private let first: UInt32
    private let count: UInt32

    package static let standard = LoopbackRange(first: 127 << 24 | 10 << 16, count: 1 << 16)

    private init(first: UInt32, count: UInt32) {
        self.first = first
        self.count = count
    }

    /// Nil unless it is a block of /8 to /28 within 127.0.0.0/8, written with its first address.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        var address = in_addr()
        guard parts.count == 2, let bits = UInt32(parts[1]), (8...28).contains(bits),
            inet_pton(AF_INET, String(parts[0]), &address) == 1
        else { return nil }
        first = UInt32(bigEndian: address.s_addr)
        count = 1 << (32 - bits)
        guard first >> 24 == 127, first % count == 0 else { return nil }
    }

    /// An address that no machine of this installation has and whose ports are free on this host.
    ///
    /// The search starts at a place derived from the installation, so that two installations on one host
    /// seldom meet. An address with all three ports as they are (22, 80, 443) is preferred. Where none is
    /// to be had – we may not bind low ports, or a server of the host listens on all addresses – 2222,
    /// 8080 and 8443 stand in.
    ///
    /// - Parameter installation: the data directory.
    package func free(for installation: String, taken: Set<String>) -> LoopbackAddress? {
        let digest = SHA256.hash(data: Data(installation.utf8)).prefix(4)
        let start = digest.reduce(0) { $0 << 8 | UInt32($1) } % count
        var substitute: LoopbackAddress?
        var tried = 0
        for step in 0..<count {
            let number = first + (start + step) % count
            // Some programs take .0 and .255 for a network's own addresses; 127.0.0.x is the host's.
            guard !(number & 0xFF == 0 || number & 0xFF == 0xFF || number >> 8 == 127 << 16) else { continue }
            let ip = [24, 16, 8, 0].map { String(number >> $0 & 0xFF) }.joined(separator: ".")
            guard !taken.contains(ip) else { continue }
            let forwards = self.forwards(at: ip)
            if let forwards, forwards.allSatisfy({ $0.host == $0.guest }) && forwards.count == 3 {
                return LoopbackAddress(ip: ip, forwards: forwards)
            }
            if let forwards, substitute == nil { substitute = LoopbackAddress(ip: ip, forwards: forwards) }
            tried += 1
            if tried >= 64 && substitute != nil || tried >= 4096 { break }
        }
        return substitute
    }

    /// The forwards that can be had at this address; nil when SSH cannot.
    private func forwards(at ip: String) -> [LoopbackAddress.Forward]? {
        var forwards: [LoopbackAddress.Forward] = []
        for (guest, substitute) in [(22, 2222), (80, 8080), (443, 8443)] {
            if let host = [guest, substitute].first(where: { canListen(ip, $0) }) {
                forwards.append(.init(host: host, guest: guest))
            } else if guest == 22 {
                return nil
            }
        }
        return forwards
    }
}

/// Whether a server could listen there now, found out by doing so.
private func canListen(_ ip: String, _ port: Int) -> Bool {
    let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { return false }
    let probe = Descriptor(raw)
    // As QEMU does: a connection that just ended is no obstacle.
    var yes: CInt = 1
    setsockopt(probe.raw, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
    guard var address = socketAddress(ip, port) else { return false }
    let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(probe.raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    return bound == 0 && listen(probe.raw, 1) == 0
}

/// An IPv4 address and port for the socket calls; nil when the text is no address.
func socketAddress(_ ip: String, _ port: Int) -> sockaddr_in? {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    guard inet_pton(AF_INET, ip, &address.sin_addr) == 1 else { return nil }
    return address
}
