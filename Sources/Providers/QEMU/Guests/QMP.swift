import Cloud
import Foundation
import Kernel

/// A conversation with one QEMU over its control socket (QEMU Machine Protocol).
///
/// QEMU serves one client; a second waits without a greeting. So conversations are short, one at a time
/// for each machine, and limited in time as a whole, whatever comes.
final class QMP {
    /// The process at the other end, as the kernel knows it.
    let peer: pid_t
    private let socket: Descriptor
    private let time: any Timekeeper
    // Of no clock that somebody sets: a peer that goes on sending events must not hold us longer.
    private let deadline: ContinuousClock.Instant
    private var received: [UInt8] = []
    private static let longestLine = 1 << 20

    enum Command {
        case negotiate
        case queryUUID
        case queryStatus
        case powerButton
        case resume
        /// Makes a disk larger, or smaller. The guest sees it at once.
        case resize(node: String, bytes: Int64)
        case quit

        var name: String {
            switch self {
            case .negotiate: "qmp_capabilities"
            case .queryUUID: "query-uuid"
            case .queryStatus: "query-status"
            case .powerButton: "system_powerdown"
            case .resume: "cont"
            case .resize: "block_resize"
            case .quit: "quit"
            }
        }

        fileprivate var line: String {
            switch self {
            case .resize(let node, let bytes):
                #"{"execute":"\#(name)","arguments":{"node-name":"\#(node)","size":\#(bytes)}}\#n"#
            case .negotiate, .queryUUID, .queryStatus, .powerButton, .resume, .quit: #"{"execute":"\#(name)"}\#n"#
            }
        }
    }

    /// What commands of ours return; QEMU's other fields are not read.
    struct Answer: Decodable {
        var uuid: String?
        var status: String?

        enum CodingKeys: String, CodingKey {
            case uuid = "UUID"
            case status
        }
    }

    private struct Message: Decodable {
        struct Failure: Decodable { let desc: String }
        let `return`: Answer?
        let error: Failure?
    }

    /// - Parameter patience: for the whole conversation.
    /// - Returns: nil when nobody listens there (yet, or any more).
    /// - Throws: `MachineError`; `CancellationError`.
    static func open(_ directory: MachineDirectory, patience: Duration, time: any Timekeeper) async throws -> QMP? {
        let deadline = ContinuousClock.now + patience
        while true {
            do throws(HostError) {
                guard let socket = try connectedSocket(GuestFile.socket, in: directory.guest) else { return nil }
                return QMP(socket, peer: try peerProcess(of: socket), deadline: deadline, time: time)
            } catch {
                // Others wait there already, such as another process that looks at all machines.
                guard error.code == EAGAIN, ContinuousClock.now < deadline else {
                    throw MachineError(.unknownOutcome, "\(directory.server): \(error)")
                }
            }
            try await time.sleep(for: .milliseconds(20))
        }
    }

    private init(_ socket: Descriptor, peer: pid_t, deadline: ContinuousClock.Instant, time: any Timekeeper) {
        self.socket = socket
        self.peer = peer
        self.deadline = deadline
        self.time = time
    }

    /// Runs one command.
    /// - Throws: `MachineError`: `unknownOutcome` when QEMU does not answer in time, `broken` when it refuses.
    @discardableResult
    func execute(_ command: Command) async throws -> Answer {
        let request = Array(command.line.utf8)
        // A few bytes: they fit the socket's buffer whole. A QEMU that just died must not send us SIGPIPE.
        guard send(socket.raw, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw MachineError(.unknownOutcome, HostError("QMP \(command.name)").description)
        }
        while true {
            let line = try await line()
            guard let message = try? JSONDecoder().decode(Message.self, from: Data(line)) else {
                throw MachineError(.unknownOutcome, "QMP: no answer to \(command.name)")
            }
            if let failure = message.error { throw MachineError(.broken, "QMP \(command.name): \(failure.desc)") }
            // The greeting and events have neither.
            if let answer = message.return { return answer }
        }
    }

    private func line() async throws -> [UInt8] {
        while true {
            try Task.checkCancellation()
            var patience = deadline - .now
            guard patience > .zero else { throw MachineError(.unknownOutcome, "QMP: QEMU did not answer in time") }
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                return Array(received[..<end])
            }
            guard received.count < Self.longestLine,
                let bytes = try await receive(from: socket, patience: &patience, time: time), !bytes.isEmpty
            else { throw MachineError(.unknownOutcome, "QMP: QEMU did not answer in time") }
            received += bytes
        }
    }
}
