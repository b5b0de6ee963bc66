import NIOCore
import NIOPosix

/// What this host's own resolver finds.
package enum SystemAddresses {
    /// A host's address, for questions to its name server; empty when it has none.
    @Sendable package static func of(_ host: String) async -> [DNSAddress] {
        // It blocks for as long as the host's resolver does.
        let found = try? await NIOThreadPool.singleton.runIfActive {
            try SocketAddress.makeAddressResolvingHost(host, port: 53)
        }
        return found?.ipAddress.map { [DNSAddress(ip: $0, port: 53)] } ?? []
    }
}
