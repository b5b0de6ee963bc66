import Foundation
import Kernel

/// Connects to the Unix socket of that name in the directory, however long the directory's path is: a
/// socket's address has room for 107 bytes.
///
/// - Returns: nil when nobody listens there.
/// - Throws: `HostError`.
func connectedSocket(_ name: String, in directory: String) throws(HostError) -> Descriptor? {
    let folder: Descriptor
    do {
        folder = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch  where error.code == ENOENT {
        return nil
    }
    let descriptor = try newSocket(AF_UNIX)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "/proc/self/fd/\(folder.raw)/\(name)".utf8) }
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    withExtendedLifetime(folder) {}
    if result == 0 { return descriptor }
    let code = errno
    if code == ENOENT || code == ECONNREFUSED { return nil }
    throw HostError("connect to \(name)", code: code)
}

/// The process that listens at the other end of a connected Unix socket.
/// - Throws: `HostError`.
func peerProcess(of socket: Descriptor) throws(HostError) -> pid_t {
    // struct ucred, which Glibc hides: process, user and group, 32 bits each.
    var credentials = (pid_t(0), uid_t(0), gid_t(0))
    var size = socklen_t(MemoryLayout.size(ofValue: credentials))
    guard getsockopt(socket.raw, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else {
        throw HostError("SO_PEERCRED")
    }
    return credentials.0
}

/// Begins to connect to an IPv4 address.
/// - Throws: `HostError`; a refusal may also show only when the socket is read.
func connectingSocket(to ip: String, port: Int) throws(HostError) -> Descriptor {
    let descriptor = try newSocket(AF_INET)
    guard var address = socketAddress(ip, port) else { throw HostError("address \(ip)", code: EINVAL) }
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor.raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard result == 0 || errno == EINPROGRESS else { throw HostError("connect to \(ip):\(port)") }
    return descriptor
}

/// What the other side sends next; empty when it has closed or failed, nil when patience ran out.
///
/// - Parameter patience: how long to wait, less what was waited.
/// - Throws: `CancellationError`.
func receive(from socket: Descriptor, patience: inout Duration, time: any Timekeeper) async throws -> [UInt8]? {
    var pause = Duration.milliseconds(1)
    while true {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let got = recv(socket.raw, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if got >= 0 { return Array(buffer.prefix(got)) }
        // ENOTCONN: still connecting.
        guard [EAGAIN, EINTR, ENOTCONN].contains(errno) else { return [] }
        guard patience > .zero else { return nil }
        // A poll with growing pauses: answers come within a millisecond or after long, and no thread waits.
        try await time.sleep(for: pause)
        patience -= pause
        pause = min(pause * 2, .milliseconds(50))
    }
}

private func newSocket(_ family: CInt) throws(HostError) -> Descriptor {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let raw = socket(family, kind, 0)
    guard raw >= 0 else { throw HostError("socket") }
    return Descriptor(raw)
}
