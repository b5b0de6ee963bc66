import Cloud
import Foundation
import Kernel
import Providers
import Synchronization
import Testing

/// PowerDNS's API as a test says, on loopback: one request a connection, whatever it asks for.
final class ScriptedAPI: PowerDNSEngine {
    private let url: String
    private let socket: CInt
    private let asked = Mutex(0)

    /// How many requests came.
    var requests: Int { asked.withLock { $0 } }

    /// - Parameter reply: the status and the body for the nth request, from 1 on.
    init(_ reply: @escaping @Sendable (Int) -> (Int, String)) throws {
        let raw = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(raw >= 0)
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        own.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(raw, $0, size) == 0 && getsockname(raw, $0, &size) == 0
            }
        }
        try #require(isBound && listen(raw, 8) == 0)
        socket = raw
        url = "http://127.0.0.1:\(UInt16(bigEndian: own.sin_port))"
        let thread = Thread { [self] in
            while case let connection = accept(raw, nil, nil), connection >= 0 {
                var request = [UInt8](repeating: 0, count: 65_536)
                _ = recv(connection, &request, request.count, 0)
                let number = asked.withLock { asked in
                    asked += 1
                    return asked
                }
                let (status, body) = reply(number)
                let head = "HTTP/1.1 \(status) X\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                let bytes = Array((head + body).utf8)
                _ = Foundation.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                close(connection)
            }
            close(raw)
        }
        thread.start()
    }

    func access() async throws(ZonesError) -> PowerDNSAccess {
        PowerDNSAccess(url: url, key: Secret("key"), life: "one")
    }

    /// Its thread ends with this.
    func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
    }
}
