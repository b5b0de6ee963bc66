import Foundation
import Providers
import Testing

@Suite struct LoopbackRangeTests {
    @Test(arguments: [
        "", "127.10.0.0", "127.10.0.0/", "127.10.0.0/16/16", "10.0.0.0/8", "127.10.0.1/16", "126.0.0.0/7",
        "127.10.0.0/29", "127.10.0.0/32", "127.10.0/16", "::1/16", "127.10.0.0/-1", " 127.10.0.0/16",
    ])
    func refusesWhatIsNoLoopbackBlock(text: String) {
        #expect(LoopbackRange(text) == nil)
    }

    @Test func readsBlocksOfTheLoopbackNetwork() {
        #expect(LoopbackRange("127.10.0.0/16") == .standard)
        #expect(LoopbackRange("127.0.0.0/8") != nil)
        #expect(LoopbackRange("127.200.3.16/28") != nil)
    }

    @Test func givesEachMachineAnAddressOfItsOwnUntilNoneIsLeft() throws {
        let range = try #require(LoopbackRange("127.231.7.16/28"))
        var taken: Set<String> = []
        while let address = range.free(for: "/data", taken: taken) {
            #expect(address.ip.hasPrefix("127.231.7."))
            #expect(taken.insert(address.ip).inserted)
        }
        #expect(taken.count == 16)
    }

    @Test func startsElsewhereForAnotherInstallation() throws {
        let one = try #require(LoopbackRange.standard.free(for: "/one", taken: []))
        let again = try #require(LoopbackRange.standard.free(for: "/one", taken: []))
        let other = try #require(LoopbackRange.standard.free(for: "/other", taken: []))
        #expect(one == again)
        #expect(one.ip != other.ip)
    }

    @Test func avoidsAddressesWhosePortsAreTaken() throws {
        let range = try #require(LoopbackRange("127.231.8.16/28"))
        let first = try #require(range.free(for: "/data", taken: []))
        let listener = try Listener(first.ip, first.sshPort)
        let second = try #require(range.free(for: "/data", taken: []))
        #expect(second.ip != first.ip)
        withExtendedLifetime(listener) {}
    }

    /// As where a server of the host listens on all addresses, or the daemon may not bind low ports.
    @Test func takesOtherPortsWhereTheHostHasTheUsualOnes() throws {
        let range = try #require(LoopbackRange("127.231.9.16/28"))
        let listeners = try (16..<32).flatMap { last in
            try [22, 80, 443].map { try Listener("127.231.9.\(last)", $0) }
        }
        let address = try #require(range.free(for: "/data", taken: []))
        withExtendedLifetime(listeners) {}
        #expect(address.sshPort == 2222)
        #expect(address.forwards.map(\.host) == [2222, 8080, 8443])
        #expect(address.forwards.map(\.guest) == [22, 80, 443])
    }
}

/// A listening socket until it is released.
private final class Listener {
    private let raw: CInt

    init(_ ip: String, _ port: Int) throws {
        raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, ip, &address.sin_addr)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // EACCES: the port is not to be had for anybody here, which serves as well.
        try #require(bound == 0 && listen(raw, 1) == 0 || errno == EACCES)
    }

    deinit { close(raw) }
}
