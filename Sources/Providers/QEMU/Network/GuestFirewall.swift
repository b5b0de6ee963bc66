import Foundation

/// Whether guests may reach private networks around the host.
package enum GuestLAN: String, Hashable, Sendable {
    case allow, deny
}

/// How guests are kept from what is not theirs.
package enum GuestIsolation: Hashable, Sendable {
    /// The host's firewall refuses them the host, its link and its private networks; the internet is open.
    case filtered
    /// There is no such firewall: guests reach nothing at all, and are reached through their address only.
    case cutOff
}

/// One nftables table of ours, which judges what the guests' user sends from this host.
///
/// A guest's connections are made by its QEMU, as if by a program of the host: without this table they
/// reach whatever listens on the host's loopback, its cloud's metadata address and its private network.
package struct GuestFirewall: Sendable {
    let guestLAN: GuestLAN

    /// Loads the table, whole or not at all; a table that is there already is replaced.
    ///
    /// - Returns: nil, or why it could not be loaded.
    func load(for owner: GuestAccount.Owner) async -> String? {
        let configuration = (try? readFile("/etc/resolv.conf")) ?? []
        let rules = Self.rules(
            user: owner.user, resolvers: Self.resolvers(in: String(decoding: configuration, as: UTF8.self)),
            guestLAN: guestLAN)
        do throws(ProgramError) {
            let result = try await runProgram("nft", ["-f", "-"], input: rules, limit: .seconds(10))
            return result.succeeded ? nil : result.complaint
        } catch {
            return error.description
        }
    }

    /// A refusal is an answer (a reset, an ICMP error): a dropped packet keeps its sender waiting for two minutes.
    ///
    /// Only packets known to be the guests' are judged: one without a socket has no user, and matching "not
    /// the guests' user" would miss it.
    package static func rules(user: uid_t, resolvers: [String], guestLAN: GuestLAN) -> String {
        let ipv4 = resolvers.filter { !$0.contains(":") }
        let ipv6 = resolvers.filter { $0.contains(":") }
        var lines = ["ct state established,related accept"]
        // QEMU's own resolver forwards to these, which are often on the loopback.
        if !ipv4.isEmpty { lines.append("ip daddr \(set(ipv4)) meta l4proto { tcp, udp } th dport 53 accept") }
        if !ipv6.isEmpty { lines.append("ip6 daddr \(set(ipv6)) meta l4proto { tcp, udp } th dport 53 accept") }
        lines += [
            "fib daddr type local goto refused",
            "ip daddr \(set(hostNetworks)) goto refused",
            "ip6 daddr \(set(hostNetworks6)) goto refused",
            "ip daddr \(set(serviceNetworks)) goto refused",
            "ip6 daddr \(set(serviceNetworks6)) goto refused",
        ]
        if guestLAN == .deny {
            lines += [
                "ip daddr \(set(privateNetworks)) goto refused", "ip6 daddr \(set(privateNetworks6)) goto refused",
            ]
        }
        // Naming the table before deleting it makes the deletion succeed when there is none.
        return """
            table inet caiport
            delete table inet caiport
            table inet caiport {
                chain output {
                    type filter hook output priority filter; policy accept;
                    meta skuid \(user) jump guests
                }
                chain guests {
                    \(lines.joined(separator: "\n        "))
                }
                chain refused {
                    meta l4proto tcp reject with tcp reset
                    reject with icmpx admin-prohibited
                }
            }

            """
    }

    /// The name servers of a `resolv.conf`; what is no address is left out.
    package static func resolvers(in configuration: String) -> [String] {
        configuration.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            // A scope (`%eth0`) is not for nftables, and slirp does not use such a server.
            let address = String(words[1])
            var buffer = [UInt8](repeating: 0, count: 16)
            let isAddress =
                inet_pton(AF_INET, address, &buffer) == 1 || inet_pton(AF_INET6, address, &buffer) == 1
            return isAddress ? address : nil
        }
    }

    private static let hostNetworks = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16"]
    private static let hostNetworks6 = ["::/128", "::1/128", "fe80::/10"]
    // Whose ever the private networks are, these are never a guest's: the metadata of Azure, Oracle, Alibaba,
    // Amazon and Google outside the link-local network, networks for tests of equipment (RFC 2544), reserved
    // ones (RFC 1112), and IPv4 by another name (RFC 6052).
    private static let serviceNetworks = [
        "168.63.129.16/32", "192.0.0.192/32", "100.100.100.200/32", "198.18.0.0/15", "240.0.0.0/4",
    ]
    private static let serviceNetworks6 = ["fd00:ec2::254/128", "fd20:ce::254/128", "64:ff9b::/96"]
    // RFC 1918, shared address space (RFC 6598), and what reaches many at once.
    private static let privateNetworks = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "224.0.0.0/4", "255.255.255.255/32",
    ]
    private static let privateNetworks6 = ["fc00::/7", "ff00::/8"]

    private static func set(_ elements: [String]) -> String { "{ \(elements.joined(separator: ", ")) }" }
}
