import AsyncHTTPClient
import Cloud
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix

/// PowerDNS's HTTP API (version 1, PowerDNS 4.7 and later), as far as it is used.
struct PowerDNSAPI: Sendable {
    let access: PowerDNSAccess

    /// For one request, the largest zone included.
    private static let timeout = TimeAmount.seconds(10)
    private static let largestAnswer = 64 << 20

    /// Never shut down, like the shared one, which would go on trying to connect to an engine that is not there.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }()

    /// Why a request has no good answer. What was asked for may have been done only where `unavailable` says nothing.
    enum Fault: Error {
        /// Not reached, no answer, or a 5xx: the same again later.
        case unavailable(String)
        /// 422 and other answers that a repetition would get again.
        case refused(String)
        case absent
        /// It is there already.
        case conflict
    }

    func get<Object: Decodable>(_ path: String, as type: Object.Type = Object.self) async throws -> Object {
        try read(try await send(.GET, path), as: type)
    }

    func post<Object: Decodable>(
        _ path: String, _ body: some Encodable, as type: Object.Type = Object.self
    ) async throws -> Object {
        try read(try await send(.POST, path, JSONEncoder().encode(body)), as: type)
    }

    func put(_ path: String, _ body: (some Encodable)? = Bool?.none) async throws {
        _ = try await send(.PUT, path, body.map { try JSONEncoder().encode($0) })
    }

    func patch(_ path: String, _ body: some Encodable) async throws {
        _ = try await send(.PATCH, path, JSONEncoder().encode(body))
    }

    func delete(_ path: String) async throws {
        _ = try await send(.DELETE, path)
    }

    private func send(_ method: HTTPMethod, _ path: String, _ body: Data? = nil) async throws -> Data {
        var request = HTTPClientRequest(url: "\(access.url)/api/v1/servers/localhost\(path)")
        request.method = method
        request.headers.add(name: "X-API-Key", value: access.key.exposed)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let status: Int
        let bytes: Data
        do {
            let response = try await Self.client.execute(request, timeout: Self.timeout)
            status = Int(response.status.code)
            bytes = Data(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw Fault.unavailable("no answer from \(access.url): \(error)")
        }
        switch status {
        case 200..<300: return bytes
        case 404: throw Fault.absent
        case 409: throw Fault.conflict
        case 401, 403: throw Fault.unavailable("\(access.url) refuses the API key")
        case 500...: throw Fault.unavailable("\(status) \(Self.words(bytes))")
        default: throw Fault.refused("\(status) \(Self.words(bytes))")
        }
    }

    private func read<Object: Decodable>(_ bytes: Data, as type: Object.Type) throws -> Object {
        do {
            return try JSONDecoder().decode(type, from: bytes)
        } catch {
            throw Fault.unavailable("\(access.url) answers what cannot be read as \(type): no PowerDNS of version 4.7?")
        }
    }

    private static func words(_ bytes: Data) -> String {
        let failure = try? JSONDecoder().decode(PowerDNSObject.Failure.self, from: bytes)
        return failure?.error ?? String(decoding: bytes.prefix(300), as: UTF8.self)
    }
}
