import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Wire

/// A `caiportd serve` on a free port, with simulated machines unless told otherwise.
final class Daemon: Sendable {
    let scratch: Scratch
    /// The data directory.
    let directory: String
    let program: Program
    /// `127.0.0.1:40123`
    let address: String

    var url: String { "http://\(address)" }

    /// Nobody in a test waits to ask once more, unless it says so.
    static let flags = [
        "--listen", "127.0.0.1:0", "--compute", "simulated", "--simulated-boot-ms", "10", "--drain-grace-ms", "200",
    ]

    /// Starts it and waits until it listens. A second start in the same scratch folder serves the same data.
    init(
        in scratch: Scratch, _ flags: [String] = [], environment: [String: String] = [:],
        directory name: String = "data"
    ) async throws {
        self.scratch = scratch
        let directory = scratch(name)
        self.directory = directory
        // Left by one that was killed.
        unlink("\(directory)/listen")
        let program = try Program(
            ["serve", "--data-dir", directory] + Self.flags + (flags.contains("--dns") ? [] : ["--dns", "none"])
                + flags,
            in: scratch, environment: environment)
        self.program = program
        try await eventually("caiportd listens; it said: \(program.errorOutput)") {
            if let ending = program.endingSoFar { throw Unexpected("\(ending): \(program.errorOutput)") }
            return access("\(directory)/listen", F_OK) == 0
        }
        let text = try String(contentsOf: URL(fileURLWithPath: "\(directory)/listen"), encoding: .utf8)
        address = text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// As by a power cut: no drain, no tidying.
    func kill() async throws {
        program.signal(SIGKILL)
        _ = try await program.end()
    }

    /// Asks it to stop, and waits until it has.
    @discardableResult
    func terminate() async throws -> Program.Ending {
        program.signal(SIGTERM)
        return try await program.end()
    }

    /// Runs `caiportd admin` beside it.
    func admin(_ arguments: [String]) async throws -> Run {
        try await Run(["admin"] + arguments + ["--data-dir", directory, "--json"], in: scratch)
    }

    /// A customer who may buy.
    func customer(_ email: String = "me@example.com", password: String = "a good long one") async throws -> Customer {
        let run = try await admin(["create-account", "--email", email, "--password", password, "--payment-method"])
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
        let answer = try JSON(run.output)
        return Customer(
            account: try answer.string("account_id"), api: API(url: url, key: try answer.string("api_key")))
    }
}

/// An account with its first key.
struct Customer: Sendable {
    let account: String
    let api: API

    var key: String { api.key ?? "" }
}

/// The public API, as a customer's program calls it.
struct API: Sendable {
    let url: String
    var key: String?

    struct Answer: Sendable {
        let status: UInt
        let body: JSON
    }

    func callAsFunction(_ method: String, _ path: String, _ body: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method)
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Answer(status: response.status.code, body: try JSON(String(buffer: bytes)))
    }

    /// Deploys with the document's own call and answers the server's id.
    func deploy(name: String = "my-app") async throws -> String {
        let answer = try await self(
            "POST", "/v1/servers",
            #"{"plan":"standard","region":"ap-southeast-2","image":"ubuntu-22","name":"\#(name)"}"#)
        guard answer.status == 201 else { throw Unexpected("\(answer)") }
        return try answer.body["data"].string("id")
    }

    /// Registers a name and waits until it is active; answers its id.
    func register(_ name: String) async throws -> String {
        let ordered = try await self("POST", "/v1/domains", #"{"domain":"\#(name)","years":1}"#)
        guard ordered.status == 201 else { throw Unexpected("\(ordered)") }
        let id = try ordered.body["data"].string("id")
        try await eventually("\(name) is active") {
            try await self("GET", "/v1/domains/\(id)").body["data"].string("status") == "active"
        }
        return id
    }

    func state(_ server: String) async throws -> String {
        try await self("GET", "/v1/servers/\(server)").body["data"].string("state")
    }
}

/// A JSON text whose parts are asked for by name.
struct JSON: Sendable, CustomStringConvertible {
    let value: JSONValue

    init(_ text: String) throws {
        value = try JSONParser.parse(Array(text.utf8))
    }

    private init(value: JSONValue) {
        self.value = value
    }

    subscript(name: String) -> JSON {
        get throws {
            guard case .object(let members) = value, let member = members.first(where: { $0.name == name }) else {
                throw Unexpected("no \(name) in \(self)")
            }
            return JSON(value: member.value)
        }
    }

    var names: [String] {
        guard case .object(let members) = value else { return [] }
        return members.map(\.name)
    }

    func string(_ name: String) throws -> String {
        guard case .string(let text) = try self[name].value else { throw Unexpected("\(name) is no string in \(self)") }
        return text
    }

    var elements: [JSON] {
        guard case .array(let elements) = value else { return [] }
        return elements.map(JSON.init(value:))
    }

    var description: String {
        var writer = JSONWriter()
        value.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
