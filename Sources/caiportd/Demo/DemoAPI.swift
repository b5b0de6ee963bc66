import AsyncHTTPClient
import Foundation
import Kernel
import NIOCore
import NIOHTTP1

/// The daemon's own API, used as a customer would.
struct DemoAPI: Sendable {
    let url: String
    let key: Secret<String>

    /// The document's own call.
    static let order = #"{"plan":"standard","region":"ap-southeast-2","image":"debian-12","name":"my-app"}"#

    struct Server: Decodable, Sendable {
        let id: String
        let name: String
        let state: String
        let publicIP: String?
        let sshUser: String
        let sshPort: Int
        let failure: Failure?

        struct Failure: Decodable, Sendable {
            let message: String
        }

        enum CodingKeys: String, CodingKey {
            case id, name, state, failure
            case publicIP = "public_ip"
            case sshUser = "ssh_user"
            case sshPort = "ssh_port"
        }
    }

    /// An answer other than the hoped for, in its own words.
    struct Refused: Error, CustomStringConvertible {
        let status: UInt
        let sentence: String
        /// How long to wait before the same may be asked again; nil where that would not help.
        let retryAfter: Duration?

        var description: String { "\(sentence) (HTTP \(status))" }
    }

    func deploy() async throws -> Server {
        try await call("POST", "/v1/servers", body: Self.order)
    }

    func server(_ id: String) async throws -> Server {
        try await call("GET", "/v1/servers/\(id)")
    }

    func servers() async throws -> [Server] {
        try await call("GET", "/v1/servers")
    }

    private struct Data<Content: Decodable>: Decodable {
        let data: Content
    }

    private struct Fault: Decodable {
        let error: String
    }

    private func call<Content: Decodable>(_ method: String, _ path: String, body: String? = nil) async throws -> Content
    {
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method)
        request.headers.add(name: "Authorization", value: "Bearer \(key.exposed)")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = Foundation.Data(try await response.body.collect(upTo: 4 << 20).readableBytesView)
        guard (200...299).contains(response.status.code) else {
            let sentence = (try? JSONDecoder().decode(Fault.self, from: bytes))?.error ?? response.status.reasonPhrase
            throw Refused(status: response.status.code, sentence: sentence, retryAfter: Self.pause(after: response))
        }
        return try JSONDecoder().decode(Data<Content>.self, from: bytes).data
    }

    private static func pause(after response: HTTPClientResponse) -> Duration? {
        guard response.status == .tooManyRequests || response.status == .serviceUnavailable else { return nil }
        let seconds = response.headers.first(name: "Retry-After").flatMap { Int($0) } ?? 1
        return .seconds(min(max(seconds, 1), 60))
    }
}
