import Foundation
import Synchronization
import Testing
import Wire

/// Answers of a live service, kept to be held against the document.
final class Recording: Sendable {
    /// What the document describes and no test can bring about, with the reason.
    struct Excuse: Sendable {
        let operation: String
        let status: Int
        let code: String
        let reason: String
    }

    private struct Entry: JSONWritable {
        let method: String
        let path: String
        let request: String
        let reply: LiveService.Reply

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("method", method)
                writer.field("path", path)
                writer.field("request", request)
                writer.field("status", reply.status)
                writer.key("headers")
                writer.array { writer in
                    for header in reply.headers {
                        writer.array { writer in
                            writer.string(header.name)
                            writer.string(header.value)
                        }
                    }
                }
                writer.field("body", reply.body)
            }
        }
    }

    private let entries = Mutex<[Entry]>([])

    func keep(_ method: String, _ path: String, _ request: String, _ reply: LiveService.Reply) {
        let entry = Entry(method: method, path: path, request: request, reply: reply)
        entries.withLock { $0.append(entry) }
    }

    /// Everything kept, as `scripts/check-openapi` reads it.
    func json(excusing excuses: [Excuse]) -> [UInt8] {
        var writer = JSONWriter()
        let entries = entries.withLock { $0 }
        writer.object { writer in
            writer.field("answers", entries)
            writer.key("unrecorded")
            writer.array { writer in
                for excuse in excuses {
                    writer.object { writer in
                        writer.field("operation", excuse.operation)
                        writer.field("status", "\(excuse.status)")
                        writer.field("code", excuse.code)
                    }
                }
            }
        }
        return writer.finish()
    }
}

/// A live service whose answers are recorded.
struct RecordedService: Sendable {
    let service: LiveService
    let recording: Recording

    /// Sends a request and keeps its answer, which must have the status.
    @discardableResult
    func send(
        _ status: Int, _ method: String, _ path: String, as customer: LiveService.Customer? = nil,
        headers: [(String, String)] = [], body: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> LiveService.Reply {
        let reply = try await service.send(method, path, as: customer, headers: headers, body: body)
        #expect(reply.status == status, "\(method) \(path): \(reply.body)", sourceLocation: sourceLocation)
        recording.keep(method, path, body ?? "", reply)
        return reply
    }

    /// Sends text that need not be HTTP, on a connection of its own; `method` and `path` are what it asks for.
    func send(_ status: Int, _ method: String = "GET", _ path: String = "/none", raw text: String) async throws {
        try await withRawConnection(to: service.port) { connection in
            try await connection.send(text)
            let answer = try await connection.untilClosed()
            let parts = answer.components(separatedBy: "\r\n\r\n")
            let lines = try #require(parts.first).components(separatedBy: "\r\n")
            let headers = lines.dropFirst().compactMap { line in
                line.firstRange(of: ": ").map { (String(line[..<$0.lowerBound]), String(line[$0.upperBound...])) }
            }
            let reply = LiveService.Reply(
                status: lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0,
                headers: headers.map { (name: $0.0, value: $0.1) }, body: parts.dropFirst().joined())
            #expect(reply.status == status, "\(answer)")
            recording.keep(method, path, "", reply)
        }
    }
}
