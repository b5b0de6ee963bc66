import Cloud
import Crypto
import Foundation
import Kernel

/// What the engine remembers of a machine, in `machine.json` of its directory. It is written before what
/// it promises is done, so that a restarted daemon finds whatever was begun.
package struct MachineRecord: Codable, Sendable {
    let server: ServerID
    var size: MachineSize
    /// The kernel's arguments that came with the base image.
    var commandLine: String
    let address: LoopbackAddress
    /// OpenSSH's one-line form of the guest's host key.
    let hostKey: String
    /// When QEMU was last started, or about to be.
    var launchedAt: Instant?
    /// Where this launch's part of the serial log begins.
    var serialOffset: Int64
    /// Whether the guest of this launch has said that it is ready.
    var booted: Bool
    /// Whether any launch ever got so far: from then on the address is known to customers and kept.
    var everBooted: Bool
    /// Whether this launch has come to its end, or is about to, as somebody wished: the guest shut itself down, or
    /// its power was cut. A machine without a process that lacks this has died. Nil in records that are older.
    var endedInOrder: Bool?
    /// `launchedAt` as `Timekeeper.elapsed`, which nobody can set; it says nothing once the host was restarted,
    /// but then no process of that launch is left. Nil in records that are older.
    var launchedAfter: Duration?

    /// `SHA256:` and unpadded Base64, as `ssh-keygen -l` prints it.
    var hostKeyFingerprint: String? { HostKey.fingerprint(of: hostKey) }

    /// What the guest prints on its console at each boot, when its SSH server runs.
    static func readyLine(of server: ServerID) -> String { "caiport-ready \(server)" }

    /// The machine's UUID: derived, so that a QEMU can be asked whose it is.
    package static func uuid(of server: ServerID) -> String {
        var bytes = Array(SHA256.hash(data: Data("caiport machine \(server)".utf8)).prefix(16))
        // RFC 9562, version 8 (free to derive), variant 10.
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Array(bytes.hex)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }.joined(separator: "-")
    }
}
