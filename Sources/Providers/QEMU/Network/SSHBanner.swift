import Kernel

/// Whether an SSH server answers there, found out by reading its first line (RFC 4253, 4.2). That a
/// connection is accepted proves nothing: QEMU accepts before it asks the guest.
///
/// - Throws: `CancellationError`.
func answersSSH(_ ip: String, port: Int, time: any Timekeeper) async throws -> Bool {
    guard let socket = try? connectingSocket(to: ip, port: port) else { return false }
    // A busy guest takes seconds to start the process that says hello.
    var patience = Duration.seconds(6)
    var heard: [UInt8] = []
    while heard.count < 4 {
        guard let bytes = try await receive(from: socket, patience: &patience, time: time), !bytes.isEmpty else {
            return false
        }
        heard += bytes
    }
    return heard.starts(with: Array("SSH-".utf8))
}
