import Cloud
import Kernel

/// Somebody with an account who asks for this and that, sometimes twice, sometimes several things at once.
struct Customer: Sendable {
    let account: AccountID
    let life: Life
    let world: World

    private enum Wish: Sendable {
        case create(name: String, plan: String)
        case act(ServerAction, on: String)
        case destroy(String)
    }

    private static let plans = ["nano", "starter", "standard", "pro"]

    private var stage: Stage { world.stage }

    func live() async {
        let count = stage.weather.number(3...12)
        for number in 0..<count {
            guard await pause(upTo: 7000) else { return }
            let favourite = favourite()
            await withDiscardingTaskGroup { group in
                for part in 0..<(stage.weather.number(0...3) == 0 ? 3 : 1) {
                    let wish = wish(named: "\(life.name)-\(number)-\(part)", favourite)
                    let key = stage.weather.number(0...1) == 0 ? nil : "key-\(number)-\(part)"
                    group.addTask { await ask(wish, key) }
                    // Impatient clients send the same again.
                    if key != nil, stage.weather.number(0...4) == 0 { group.addTask { await ask(wish, key) } }
                }
            }
        }
    }

    /// Asks for one more thing, now.
    func meddle(with server: String) async {
        await ask(act(on: server), nil)
    }

    private func pause(upTo milliseconds: Int) async -> Bool {
        (try? await life.rest(for: .milliseconds(stage.weather.number(1...milliseconds)))) != nil
    }

    /// - Parameter server: what is asked of a server is asked of this one.
    private func wish(named name: String, _ server: String?) -> Wish {
        let plan = Self.plans[stage.weather.number(0...3)]
        guard let server, stage.weather.number(0...9) > 2 else { return .create(name: name, plan: plan) }
        return act(on: server)
    }

    private func act(on server: String) -> Wish {
        let plan = Self.plans[stage.weather.number(0...3)]
        switch stage.weather.number(0...9) {
        case 0, 1: return .act(.stop(force: stage.weather.number(0...2) == 0), on: server)
        case 2, 3: return .act(.start, on: server)
        case 4, 5: return .act(.reboot(force: stage.weather.number(0...2) == 0), on: server)
        case 6, 7, 8: return .act(.resize(to: plan), on: server)
        default: return .destroy(server)
        }
    }

    /// One of the account's servers; now and then one that is long gone.
    private func favourite() -> String? {
        let isAny = stage.weather.number(0...9) == 0
        let rows = try? world.store.read([
            """
            SELECT id FROM servers
            WHERE account_id = \(account) AND (\(isAny) = 1 OR state NOT IN ('terminated', 'error')) ORDER BY id
            """
        ])
        let known = (rows ?? [[]])[0].compactMap { try? $0.text("id") }
        return known.isEmpty ? nil : known[stage.weather.number(0...known.count - 1)]
    }

    /// Asks until there is an answer, if that is safe.
    private func ask(_ wish: Wish, _ key: String?) async {
        for _ in 0..<4 {
            let told = await send(wish, key)
            if case .nothing = told {
                guard key != nil, await pause(upTo: 6000) else { return }
            } else {
                return
            }
        }
    }

    private func send(_ wish: Wish, _ key: String?) async -> Promises.Told {
        let nodes = world.nodes
        // Nobody listens: the request never was.
        guard !nodes.isEmpty else { return .nothing }
        let node = nodes[stage.weather.number(0...nodes.count - 1)]
        let began = stage.scheduler.elapsed
        stage.trace.note("request", "\(life.name) to \(node.life.name): \(wish) \(key ?? "")")
        let told = await answer(to: wish, key, from: node)
        stage.trace.note("response", "\(life.name): \(wish) \(key ?? "") \(told)")
        remember(wish, told, since: began)
        return told
    }

    private func answer(to wish: Wish, _ key: String?, from node: Node) async -> Promises.Told {
        do {
            switch try await perform(wish, key, by: node) {
            case .done(let id): return .done(id)
            case .replayed(let answer): return .done(answer.body)
            }
        } catch let refusal as Refusal {
            // Under a key another attempt may be on its way.
            return key != nil && refusal.code == .busy ? .nothing : .refused
        } catch is DatabaseUnavailable where key == nil {
            return .refused
        } catch {
            stage.trace.note("failure", "\(error)")
            return .nothing
        }
    }

    private func perform(_ wish: Wish, _ key: String?, by node: Node) async throws -> Repeats.Outcome<String> {
        let requester = Requester(account: account, address: "127.0.0.1", requestID: "req_0000000000000000")
        let claim = key.map { RepeatClaim(key: $0, fingerprint: "\(wish)") }
        let servers = node.cloud.servers
        switch wish {
        case .create(let name, let plan):
            let order = ServerOrder(plan: plan, region: "ap-southeast-2", image: "debian-12", name: name)
            return try await node.cloud.repeats.answer(claim, of: account, with: { Self.record($0.server) }) {
                try await servers.create(order, by: requester, once: $0)
            }.map(\.server.id.text)
        case .act(let action, let server):
            return try await node.cloud.repeats.answer(claim, of: account, with: Self.record) {
                try await servers.act(action, on: server, by: requester, once: $0)
            }.map(\.id.text)
        case .destroy(let server):
            return try await node.cloud.repeats.answer(claim, of: account, with: Self.record) {
                try await servers.destroy(server, by: requester, once: $0)
            }.map(\.id.text)
        }
    }

    private static func record(_ server: Server) -> RecordedAnswer {
        RecordedAnswer(status: 200, body: server.id.text)
    }

    private func remember(_ wish: Wish, _ told: Promises.Told, since began: Duration) {
        switch (wish, told) {
        case (.create(let name, _), let told): world.promises.ordered(name, told)
        case (.destroy(let server), .done): world.promises.destroyed(server)
        case (.act(let action, let server), .done), (.act(let action, let server), .nothing):
            var isAcknowledged = false
            if case .done = told { isAcknowledged = true }
            let ask = Promises.Ask(
                action: action, began: began, ended: stage.scheduler.elapsed, isAcknowledged: isAcknowledged)
            world.promises.asked(server, ask)
        case (.destroy, _), (.act, .refused): break
        }
    }
}

extension Repeats.Outcome {
    fileprivate func map<Other: Sendable>(_ transform: (Value) -> Other) -> Repeats.Outcome<Other> {
        switch self {
        case .done(let value): .done(transform(value))
        case .replayed(let answer): .replayed(answer)
        }
    }
}
