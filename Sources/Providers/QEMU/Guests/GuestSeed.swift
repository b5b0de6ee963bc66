import Cloud
import Foundation
import Kernel

/// What a guest is told at boot: files that QEMU shows it as `opt/caiport/…`. Their contents are the
/// customer's; their names are ours, so that nothing of a customer's stands in a command line.
struct GuestSeed: Sendable {
    static let names = ["server", "hostname", "user", "authorized_keys", "ssh_host_ed25519_key"]

    let directory: MachineDirectory
    let account: GuestAccount

    /// - Throws: `MachineError`.
    func write(_ specification: MachineSpecification) throws(MachineError) {
        do throws(HostError) {
            guard let key = try readFile(directory.privateKey) else {
                throw HostError(directory.privateKey, code: ENOENT)
            }
            let keys = specification.authorizedKeys.map { $0 + "\n" }.joined()
            let contents: [String: [UInt8]] = [
                "server": Array(specification.server.text.utf8),
                "hostname": Array(specification.hostname.utf8),
                "user": Array(specification.user.utf8),
                "authorized_keys": Array(keys.utf8),
                "ssh_host_ed25519_key": key,
            ]
            for name in Self.names {
                try writeFile(
                    contents[name] ?? [], to: "\(directory.guest)/\(name)", scratch: directory.path,
                    owner: account.owner)
            }
        } catch {
            throw error.asMachineError
        }
    }
}
