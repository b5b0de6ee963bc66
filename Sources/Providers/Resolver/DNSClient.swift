import Kernel
import NIOCore
import NIOPosix

/// Asks one name server one thing, without recursion and without a memory: what an authoritative server says now.
package struct DNSClient: Sendable {
    private let time: any Timekeeper
    private let randomness: any Randomness

    package init(time: any Timekeeper, randomness: any Randomness) {
        self.time = time
        self.randomness = randomness
    }

    /// Asks by UDP, a second time where nothing came, and by TCP what did not fit.
    ///
    /// - Parameters:
    ///   - name: absolute, with or without a trailing dot.
    ///   - limit: for all of it.
    ///   - byTCP: whether UDP is not tried at all.
    /// - Throws: `DNSError`; `CancellationError`.
    package func ask(
        _ name: String, _ type: DNSType, of server: DNSAddress, within limit: Duration = .seconds(3),
        byTCP: Bool = false
    ) async throws -> DNSAnswer {
        let id = randomness.bytes(2)
        let question = try DNSMessage.question(UInt16(id[0]) << 8 | UInt16(id[1]), name, type)
        do {
            return try await TimeLimit.within(limit, by: time) {
                if !byTCP, let answer = try await byDatagram(question, of: server, tries: 2, limit) { return answer }
                return try await byStream(question, of: server)
            }
        } catch is TimeLimit.Passed {
            throw DNSError.silence
        } catch let error as DNSError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw DNSError.unreachable("\(server): \(error)")
        }
    }

    /// Nil when the answer did not fit.
    private func byDatagram(
        _ question: [UInt8], of server: DNSAddress, tries: Int, _ limit: Duration
    ) async throws -> DNSAnswer? {
        do {
            return try await TimeLimit.within(limit / (tries + 1), by: time) {
                try await datagram(question, of: server)
            }
        } catch is TimeLimit.Passed where tries > 1 {
            return try await byDatagram(question, of: server, tries: tries - 1, limit)
        }
    }

    private func datagram(_ question: [UInt8], of server: DNSAddress) async throws -> DNSAnswer? {
        let address = try SocketAddress(ipAddress: server.ip, port: server.port)
        typealias Envelope = AddressedEnvelope<ByteBuffer>
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<Envelope, Envelope>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(Envelope(remoteAddress: address, data: ByteBuffer(bytes: question)))
            for try await datagram in inbound {
                switch try DNSMessage.read(Array(datagram.data.readableBytesView), answering: question) {
                case .answer(let answer): return answer
                case .truncated: return nil
                case .stranger: continue
                }
            }
            throw DNSError.silence
        }
    }

    private func byStream(_ question: [UInt8], of server: DNSAddress) async throws -> DNSAnswer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try SocketAddress(ipAddress: server.ip, port: server.port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var framed = ByteBuffer()
            framed.writeInteger(UInt16(question.count))
            framed.writeBytes(question)
            try await outbound.write(framed)
            var received = ByteBuffer()
            // Two bytes say how many follow: at most 65 535.
            for try await part in inbound {
                received.writeImmutableBuffer(part)
                guard let length = received.getInteger(at: received.readerIndex, as: UInt16.self),
                    let bytes = received.getBytes(at: received.readerIndex + 2, length: Int(length))
                else { continue }
                guard case .answer(let answer) = try DNSMessage.read(bytes, answering: question) else { break }
                return answer
            }
            throw DNSError.garbled
        }
    }
}
