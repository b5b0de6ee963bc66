import Fakes
import Foundation
import Providers
import Synchronization
import Testing

/// Answers datagrams as a test says, on loopback.
final class ScriptedNameServer: Sendable {
    let address: DNSAddress
    private let socket: CInt

    /// - Parameter replies: what is sent, in order, for each question that comes.
    init(_ replies: @escaping @Sendable ([UInt8]) -> [[UInt8]]) throws {
        let raw = Foundation.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
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
        try #require(isBound)
        socket = raw
        address = try #require(DNSAddress("127.0.0.1:\(UInt16(bigEndian: own.sin_port))"))
        let thread = Thread { Self.serve(raw, replies) }
        thread.start()
    }

    /// Its thread ends with this.
    func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
    }

    private static func serve(_ socket: CInt, _ replies: ([UInt8]) -> [[UInt8]]) {
        var question = [UInt8](repeating: 0, count: 2048)
        while true {
            var peer = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &question, question.count, 0, $0, &size)
                }
            }
            guard count > 0 else { break }
            for reply in replies(Array(question.prefix(count))) {
                _ = withUnsafePointer(to: &peer) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        sendto(socket, reply, reply.count, 0, $0, size)
                    }
                }
            }
        }
        close(socket)
    }
}
