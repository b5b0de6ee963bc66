import AsyncHTTPClient
import Fakes
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import Synchronization

/// A customer's program that does this and that to a few servers, one request at a time, each under an
/// Idempotency-Key of its own. What is not answered it sends again, and it remembers what was answered.
actor Shopper {
    private enum Effect {
        case create
        /// What the server is to be: its state, and its plan where that changes.
        case become(String, state: String, plan: String?)
    }

    private struct Request {
        let method: String
        let path: String
        let body: String?
        let key: String
        let effect: Effect
        var isDoubtful = false
    }

    private struct Known {
        var state: String
        var plan: String
    }

    private let key: String
    private let randomness: SeededRandomness
    private var servers: [String: Known] = [:]
    private var creates: [(request: Request, server: String)] = []
    private var open: Request?
    private(set) var acknowledged = 0
    /// What was answered and makes no sense.
    private(set) var breaches: [String] = []

    /// Says at once that nobody listens any more, instead of trying again for a while.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private static let plans = ["nano", "starter", "standard"]
    private static let mostServers = 5

    init(_ customer: Customer, seed: UInt64) {
        key = customer.key
        randomness = SeededRandomness(seed: seed)
    }

    /// Sends requests until told to stop.
    func shop(at url: String, until isOver: @escaping @Sendable () -> Bool) async {
        while !isOver() {
            await step(at: url)
            if open != nil { try? await Task.sleep(for: .milliseconds(10)) }
        }
    }

    /// Sends what is still unanswered until it is answered.
    func settle(at url: String) async {
        for _ in 0..<3000 where open != nil {
            await step(at: url)
            if open != nil { try? await Task.sleep(for: .milliseconds(10)) }
        }
        if let open { breaches.append("\(open.method) \(open.path) is never answered") }
    }

    private func step(at url: String) async {
        var request = open ?? next()
        guard let (status, answer) = await send(request, to: url), status < 500 else {
            request.isDoubtful = true
            open = request
            return
        }
        if status == 409, request.isDoubtful {
            // Either the first one is still under way, or the server is busy: that passes.
            if (try? answer.string("code")) == "busy" {
                open = request
                return
            }
        }
        open = nil
        if status < 300 {
            acknowledge(request, answer)
        } else if status != 409 {
            breaches.append("\(request.method) \(request.path) \(request.body ?? ""): \(status) \(answer)")
        }
    }

    private func acknowledge(_ request: Request, _ answer: JSON) {
        acknowledged += 1
        switch request.effect {
        case .create:
            guard let id = try? answer["data"].string("id"), let plan = try? answer["data"].string("plan") else {
                breaches.append("a create is answered by \(answer)")
                return
            }
            if servers[id] != nil { breaches.append("two creates are answered by \(id)") }
            servers[id] = Known(state: "running", plan: plan)
            creates.append((request, id))
        case .become(let id, let state, let plan):
            servers[id]?.state = state
            if let plan { servers[id]?.plan = plan }
        }
    }

    private func next() -> Request {
        let alive = servers.filter { $0.value.state != "terminated" }.keys.sorted()
        guard !alive.isEmpty, alive.count >= Self.mostServers || randomness.number(below: 3) > 0 else {
            return request(
                "POST", "/v1/servers", #"{"plan":"nano","region":"us-east-1","image":"debian-12"}"#, .create)
        }
        let id = randomness.element(of: alive)
        let known = servers[id] ?? Known(state: "", plan: "")
        let actions = "/v1/servers/\(id)/actions"
        switch randomness.number(below: 6) {
        case 0, 1:
            let isRunning = known.state == "running"
            let force = randomness.number(below: 2) == 0 ? #","force":true"# : ""
            return isRunning
                ? request("POST", actions, #"{"action":"stop"\#(force)}"#, .become(id, state: "stopped", plan: nil))
                : request("POST", actions, #"{"action":"start"}"#, .become(id, state: "running", plan: nil))
        case 2:
            return request(
                "POST", actions, #"{"action":"reboot","force":true}"#, .become(id, state: "running", plan: nil))
        case 3, 4:
            let larger = Self.plans.firstIndex(of: known.plan).map { Self.plans[min($0 + 1, Self.plans.count - 1)] }
            let plan = larger ?? known.plan
            return request(
                "POST", actions, #"{"action":"resize","plan":"\#(plan)"}"#,
                .become(id, state: known.state, plan: plan))
        default:
            return request("DELETE", "/v1/servers/\(id)", nil, .become(id, state: "terminated", plan: nil))
        }
    }

    private func request(_ method: String, _ path: String, _ body: String?, _ effect: Effect) -> Request {
        Request(method: method, path: path, body: body, key: randomness.bytes(12).hex, effect: effect)
    }

    /// Nil when nothing, or nothing whole, came back.
    private func send(_ request: Request, to url: String) async -> (status: UInt, answer: JSON)? {
        var sent = HTTPClientRequest(url: url + request.path)
        sent.method = .init(rawValue: request.method)
        sent.headers.add(name: "Authorization", value: "Bearer \(key)")
        sent.headers.add(name: "Idempotency-Key", value: request.key)
        if let body = request.body { sent.body = .bytes(ByteBuffer(string: body)) }
        guard let response = try? await Self.client.execute(sent, timeout: .seconds(30)),
            let bytes = try? await response.body.collect(upTo: 1 << 20),
            let answer = try? JSON(String(buffer: bytes))
        else { return nil }
        return (response.status.code, answer)
    }

    /// What was acknowledged and is not so. To be asked at rest, with nothing unanswered.
    func lost(at url: String) async throws -> [String] {
        let api = API(url: url, key: key)
        var lost: [String] = []
        for (id, known) in servers.sorted(by: { $0.key < $1.key }) {
            let answer = try await api("GET", "/v1/servers/\(id)")
            guard answer.status == 200 else {
                lost.append("\(id) is to be \(known.state), and answers \(answer.status)")
                continue
            }
            let (state, plan) = (try answer.body["data"].string("state"), try answer.body["data"].string("plan"))
            if state != known.state { lost.append("\(id) is to be \(known.state), and is \(state)") }
            if plan != known.plan { lost.append("\(id) is to be a \(known.plan), and is a \(plan)") }
        }
        let listed = Set(try await api("GET", "/v1/servers").body["data"].elements.map { try $0.string("id") })
        let alive = Set(servers.filter { $0.value.state != "terminated" }.keys)
        if listed != alive {
            lost.append("listed are also \(listed.subtracting(alive)), not \(alive.subtracting(listed))")
        }
        return lost
    }

    /// Whether the latest creates, sent once more, are answered as they were.
    func repeatCreates(at url: String) async -> [String] {
        var breaches: [String] = []
        for (request, server) in creates.suffix(3) {
            guard let (status, answer) = await send(request, to: url) else { continue }
            let id = try? answer["data"].string("id")
            if status != 201 || id != server {
                breaches.append("a repeat of \(server)'s create is \(status) \(answer)")
            }
        }
        return breaches
    }
}

/// Several shoppers at once.
struct Crowd: Sendable {
    let shoppers: [Shopper]

    /// - Parameter seed: decides what they do.
    init(_ count: Int, of installation: Installation, at daemon: Daemon, seed: UInt64) async throws {
        var shoppers: [Shopper] = []
        for number in 0..<count {
            let customer = try await installation.customer(daemon, "shopper\(number)@example.com")
            shoppers.append(Shopper(customer, seed: seed &+ UInt64(number)))
        }
        self.shoppers = shoppers
    }

    /// All shop until `body` returns.
    func shop<Answer: Sendable>(at url: String, while body: () async throws -> Answer) async throws -> Answer {
        let isOver = Over()
        async let all: Void = withTaskGroup(of: Void.self) { group in
            for shopper in shoppers { group.addTask { await shopper.shop(at: url) { isOver.value } } }
        }
        let answer = await Result { try await body() }
        isOver.end()
        await all
        return try answer.get()
    }

    func settle(at url: String) async {
        await withTaskGroup(of: Void.self) { group in
            for shopper in shoppers { group.addTask { await shopper.settle(at: url) } }
        }
    }

    func lost(at url: String) async throws -> [String] {
        var lost: [String] = []
        for shopper in shoppers { lost += try await shopper.lost(at: url) }
        return lost
    }

    func breaches(at url: String) async -> [String] {
        var breaches: [String] = []
        for shopper in shoppers { breaches += await shopper.breaches + shopper.repeatCreates(at: url) }
        return breaches
    }

    var acknowledged: Int {
        get async {
            var count = 0
            for shopper in shoppers { count += await shopper.acknowledged }
            return count
        }
    }

    private final class Over: Sendable {
        private let isOver = Atomic(false)
        var value: Bool { isOver.load(ordering: .acquiring) }
        func end() { isOver.store(true, ordering: .releasing) }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
