import Fakes
import Foundation
import Kernel
import Providers
import Testing

@Suite struct GuestFirewallTests {
    @Test func readsOnlyAddressesFromTheResolverConfiguration() {
        let configuration = """
            # nameserver 1.1.1.1
            nameserver 127.0.0.53
            nameserver\t2001:db8::53 # office
            nameserver fe80::1%eth0
            nameserver 10.0.0.1;drop
            nameserver } accept {
            options edns0
            nameserver
            """
        #expect(GuestFirewall.resolvers(in: configuration) == ["127.0.0.53", "2001:db8::53"])
    }

    /// Two network namespaces: in one the rules and a process of an unprivileged user, in the other a listening
    /// canary at each address that matters. Everything stays between the two.
    @Test(
        .enabled("needs root, network namespaces and nftables", { await canFilter.value }), .timeLimit(.minutes(3)),
        arguments: [GuestLAN.deny, .allow])
    func letsGuestsReachTheInternetButNeitherTheHostNorItsNetworks(guestLAN: GuestLAN) async throws {
        try await withNetwork { network in
            let addresses = network.classes.flatMap(\.addresses)
            for address in addresses {
                #expect(try await network.reaches(address, as: 0), "the canary at \(address) is dead")
                #expect(try await network.reaches(address, as: network.guest), "\(address) before the rules")
            }
            // Twice: loading is idempotent.
            for _ in 0..<2 { try await network.load(guestLAN: guestLAN) }

            for kind in network.classes {
                let isOpen = kind.isOpen || kind.isPrivate && guestLAN == .allow
                for address in kind.addresses {
                    #expect(try await network.reaches(address, as: network.guest) == isOpen, "\(address)")
                    #expect(try await network.reaches(address, as: 0), "\(address) for the host itself")
                }
            }
            // The resolver answers questions and nothing else.
            #expect(try await network.reaches(network.resolver, port: 53, as: network.guest))
            #expect(try await network.reaches(network.resolver, port: 80, as: 0))
            #expect(try await network.reaches(network.resolver, port: 80, as: network.guest) == (guestLAN == .allow))
        }
    }
}

/// Whether this process may make network namespaces, and load rules in them.
let canFilter = Task {
    let script = "mount -t tmpfs none /mnt && PATH=$PATH:/usr/sbin nft add table inet caiport"
    let probe = try? await ChildProcess.run("unshare", ["--mount", "--net", "sh", "-c", script])
    return geteuid() == 0 && probe?.succeeded == true
}

/// A host and its surroundings, each a network namespace.
private struct TestNetwork {
    struct AddressClass {
        let addresses: [String]
        var isOpen = false
        var isPrivate = false
    }

    let host: String
    let outside: String
    let guest: uid_t = 64_123
    let resolver = "10.77.0.53"
    let classes = [
        AddressClass(addresses: ["127.0.0.1", "127.10.0.5", "[::1]"]),
        AddressClass(addresses: ["198.51.100.1", "[2001:db8:1::1]"]),
        AddressClass(addresses: ["169.254.169.254", "[fe80::9%v0]"]),
        AddressClass(addresses: [
            "168.63.129.16", "192.0.0.192", "100.100.100.200", "198.18.77.9", "240.77.0.9", "[fd00:ec2::254]",
            "[fd20:ce::254]", "[64:ff9b::7f00:1]",
        ]),
        AddressClass(
            addresses: ["10.77.0.9", "172.16.77.9", "192.168.77.9", "100.64.77.9", "[fd77::9]"], isPrivate: true),
        AddressClass(addresses: ["203.0.113.9", "[2001:db8:2::9]"], isOpen: true),
    ]

    func make() async throws {
        for name in [host, outside] { try await run("ip", "netns", "add", name) }
        try await run("ip", "link", "add", "v0", "netns", host, "type", "veth", "peer", "name", "v1", "netns", outside)
        for (name, device) in [(host, "v0"), (outside, "v1")] {
            try await run("ip", "-n", name, "link", "set", "lo", "up")
            try await run("ip", "-n", name, "link", "set", device, "up")
        }
        try await address(host, "v0", ["198.51.100.1/24", "2001:db8:1::1/64"])
        try await address(outside, "v1", ["198.51.100.2/24", "2001:db8:1::2/64", "fe80::9/64"])
        try await address(
            outside, "lo",
            [
                "169.254.169.254/32", "10.77.0.9/32", "10.77.0.53/32", "172.16.77.9/32", "192.168.77.9/32",
                "100.64.77.9/32", "203.0.113.9/32", "fd77::9/128", "2001:db8:2::9/128", "168.63.129.16/32",
                "192.0.0.192/32", "100.100.100.200/32", "198.18.77.9/32", "240.77.0.9/32", "fd00:ec2::254/128",
                "fd20:ce::254/128", "64:ff9b::7f00:1/128",
            ])
        try await run("ip", "-n", host, "route", "add", "default", "via", "198.51.100.2")
        try await run("ip", "-n", host, "-6", "route", "add", "default", "via", "2001:db8:1::2")
        for (name, port) in [(host, 80), (outside, 80), (outside, 53)] {
            // busybox's web server goes into the background by itself, and with its namespace's end is ended.
            try await run("ip", "netns", "exec", name, "busybox", "httpd", "-p", "[::]:\(port)", "-h", "/proc/self")
        }
    }

    func load(guestLAN: GuestLAN) async throws {
        let rules = GuestFirewall.rules(user: guest, resolvers: [resolver], guestLAN: guestLAN)
        let result = try await runProgram(
            "ip", ["netns", "exec", host, "nft", "-f", "-"], input: rules, limit: .seconds(20))
        #expect(result.succeeded, "\(result.complaint)")
    }

    /// Whether a process of that user on the host gets an answer. A refusal must be one: a packet that is only
    /// dropped ends in a time-out, which fails the test.
    func reaches(_ address: String, port: Int = 80, as user: uid_t) async throws -> Bool {
        let result = try await runProgram(
            "ip",
            [
                "netns", "exec", host, "setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "curl", "-s",
                "--noproxy", "*", "--max-time", "10", "-o", "/dev/null", "http://\(address):\(port)/status",
            ], limit: .seconds(20))
        // 7: refused, or unreachable.
        #expect([.exited(0), .exited(7)].contains(result.status), "\(address): \(result.complaint) \(result.status)")
        return result.succeeded
    }

    func end() async throws {
        for name in [host, outside] {
            let inside = try await runProgram("ip", ["netns", "pids", name], limit: .seconds(10))
            for process in inside.output.split(separator: "\n").compactMap({ pid_t($0) }) {
                try send(SIGTERM, to: process)
            }
            _ = try await runProgram("ip", ["netns", "delete", name], limit: .seconds(10))
        }
    }

    private func address(_ name: String, _ device: String, _ addresses: [String]) async throws {
        for address in addresses {
            // Without duplicate address detection an address is there at once.
            let extra = address.contains(":") ? ["nodad"] : []
            try await run(["ip", "-n", name, "address", "add", address, "dev", device] + extra)
        }
    }

    private func run(_ words: String...) async throws { try await run(words) }

    private func run(_ words: [String]) async throws {
        let result = try await runProgram(words[0], Array(words.dropFirst()), limit: .seconds(20))
        try #require(result.succeeded, "\(words.joined(separator: " ")): \(result.complaint)")
    }
}

private func withNetwork(_ body: (TestNetwork) async throws -> Void) async throws {
    let name = "caiport-" + SystemRandomness().bytes(4).hex
    let network = TestNetwork(host: name + "h", outside: name + "o")
    do {
        try await network.make()
        try await body(network)
    } catch {
        try? await network.end()
        throw error
    }
    try await network.end()
}
