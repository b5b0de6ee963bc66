import Cloud
import Kernel

/// A registrar with a registry of its own, in tables of the product's database: for demonstrations and tests. It
/// behaves as real ones do, slowly and sometimes badly, but no real name is bought.
///
/// What a name holds in its first label asks for it, such as `shop-refused.com`: see `SandboxWhim`.
package struct SandboxRegistrar: Registrar {
    package let name = "sandbox"
    package let notice: String? = "This is a sandbox: no real name is registered, and only this name server answers it."

    let database: any Database
    let time: any Timekeeper
    private let randomness: any Randomness
    /// How long an order is pending.
    private let thinkingTime: Duration

    package init(
        database: any Database, time: any Timekeeper, randomness: any Randomness,
        thinkingTime: Duration = .milliseconds(200)
    ) {
        self.database = database
        self.time = time
        self.randomness = randomness
        self.thinkingTime = thinkingTime
    }

    package func availability(of name: DomainName) async throws -> NameAvailability {
        try await classified {
            guard SandboxWhim(of: name) != .taken else { return .taken }
            let rows = try await database.read(
                "SELECT 1 AS one FROM sandbox_names WHERE name = \(name.text) AND expires_at > \(time.now)")
            return rows.isEmpty ? .available : .taken
        }
    }

    package func send(_ order: RegistrarOrder) async throws -> OrderStanding {
        try await classified {
            let whim = SandboxWhim(of: order.name)
            let sent = try await database.commit(
                try await arrival(of: order, whim) + effects(of: order) + [Self.verdictOfHolding(order)],
                urgency: .background)
            let sends = try sent[0].first?.int("sends") ?? 1
            if whim == .down && sends <= SandboxWhim.failures || whim == .lost && sends == 1 {
                throw RegistrarError(.unavailable, "the sandbox was asked to lose this answer")
            }
            guard let standing = try await standing(of: order.token) else {
                throw RegistrarError(.unavailable, "the order is not there yet")
            }
            return standing
        }
    }

    package func standing(of token: String) async throws -> OrderStanding? {
        try await classified {
            guard
                let row = try await database.read(
                    "SELECT due_at, refusal, expires_at FROM sandbox_orders WHERE token = \(token)"
                ).first
            else { return nil }
            let due = try row.instant("due_at")
            if due > time.now { return .pending(askAgainAfter: min(due - time.now, .seconds(5))) }
            if let refusal = try row.optionalText("refusal") { return .refused(refusal) }
            return .done(expiresAt: try row.instant("expires_at"))
        }
    }

    package func registration(of name: DomainName) async throws -> Registration? {
        try await classified {
            guard let row = try await held(name) else { return nil }
            return Registration(
                expiresAt: try row.instant("expires_at"),
                nameServers: try row.text("name_servers").split(separator: " ").map(String.init),
                isLocked: try row.bool("locked"), signers: [DelegationSigner](stored: try row.text("ds")))
        }
    }

    package func delegate(_ name: DomainName, to nameServers: [String]) async throws {
        try await change(
            name, "UPDATE sandbox_names SET name_servers = \(nameServers.joined(separator: " ")) WHERE")
    }

    package func setSigners(of name: DomainName, to signers: [DelegationSigner]) async throws {
        try await change(name, "UPDATE sandbox_names SET ds = \(signers.stored) WHERE")
    }

    package func lock(_ name: DomainName, _ isLocked: Bool) async throws {
        try await change(name, "UPDATE sandbox_names SET locked = \(isLocked) WHERE")
    }

    package func transferCode(of name: DomainName) async throws -> String {
        try await classified {
            guard let row = try await held(name) else { throw Self.unknown }
            return try row.text("code")
        }
    }

    /// What another registrar does once a holder gave it the code: the name goes away from here.
    /// - Returns: whether the registry let it go.
    package func transferAway(_ name: DomainName, code: String) async throws -> Bool {
        try await classified {
            let departure = Write(
                "sandbox.depart", touching: 0...1,
                """
                UPDATE sandbox_names SET token = '' WHERE name = \(name.text) AND code = \(code) AND locked = 0
                    AND token <> '' AND expires_at > \(time.now) RETURNING name
                """)
            return try await database.commit([departure], urgency: .background)[0].count == 1
        }
    }

    private static let unknown = RegistrarError(.refused, "the sandbox does not hold this name")

    private func held(_ name: DomainName) async throws -> Row? {
        try await database.read(
            """
            SELECT expires_at, name_servers, locked, ds, code FROM sandbox_names
            WHERE name = \(name.text) AND token <> '' AND expires_at > \(time.now)
            """
        ).first
    }

    private func change(_ name: DomainName, _ update: SQL) async throws {
        try await classified {
            let change = Write(
                "sandbox.change", touching: 0...1,
                "\(update) name = \(name.text) AND token <> '' AND expires_at > \(time.now) RETURNING name")
            guard try await database.commit([change], urgency: .background)[0].count == 1 else { throw Self.unknown }
        }
    }

    /// The order's row, once: the registry decides when it first arrives.
    private func arrival(of order: RegistrarOrder, _ whim: SandboxWhim) async throws -> [Write] {
        let now = time.now
        let row = try await database.read(
            "SELECT token, expires_at FROM sandbox_names WHERE name = \(order.name.text) AND expires_at > \(now)"
        ).first
        let verdict = try verdict(
            on: order, whim, holder: row?.optionalText("token"), row?.optionalInstant("expires_at"))
        let due = now + (whim == .slow ? SandboxWhim.slowness : thinkingTime)
        return [
            Write(
                "sandbox.order",
                """
                INSERT INTO sandbox_orders (token, kind, name, sends, due_at, refusal, expires_at)
                VALUES (\(order.token), \(order.kind.word), \(order.name.text), 1, \(due), \(verdict.refusal),
                    \(verdict.expiresAt))
                ON CONFLICT (token) DO UPDATE SET sends = sandbox_orders.sends + 1 RETURNING sends
                """)
        ]
    }

    private func verdict(
        on order: RegistrarOrder, _ whim: SandboxWhim, holder: String?, _ expiresAt: Instant?
    ) throws -> (refusal: String?, expiresAt: Instant) {
        let now = time.now
        if whim == .refused { return ("The registry refused the name, as its own words asked", now) }
        switch order.kind {
        case .register:
            let isTaken = whim == .taken || holder != nil
            return (isTaken ? "Somebody else was quicker: the name is taken" : nil, now.later(byYears: order.years))
        case .renew(let from):
            let isHeld = holder?.isEmpty == false && expiresAt == from
            return (isHeld ? nil : "The name is not held until that day", from.later(byYears: order.years))
        case .transfer(let code):
            let isRight = code == SandboxWhim.transferCode && (whim == .taken || holder == "")
            return (isRight ? nil : "The authorisation code is not right", now.later(byYears: order.years))
        }
    }

    /// What the order does to the registry; nothing when it was refused, or is there already.
    private func effects(of order: RegistrarOrder) -> [Write] {
        let accepted: SQL = "FROM sandbox_orders WHERE token = \(order.token) AND refusal IS NULL"
        guard case .renew(let from) = order.kind else {
            let code = randomness.bytes(8).hex
            return [
                Write(
                    "sandbox.hold", touching: 0...1,
                    """
                    INSERT INTO sandbox_names (name, token, expires_at, name_servers, locked, code)
                    SELECT name, token, expires_at, '', 1, CAST(\(code) AS TEXT) \(accepted)
                    ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at,
                        name_servers = '', ds = '', locked = 1, code = excluded.code
                    WHERE sandbox_names.token <> excluded.token
                        AND (sandbox_names.token = '' OR sandbox_names.expires_at <= \(time.now))
                    """)
            ]
        }
        return [
            Write(
                "sandbox.renew", touching: 0...1,
                """
                UPDATE sandbox_names SET expires_at = (SELECT expires_at \(accepted))
                WHERE name = \(order.name.text) AND expires_at = \(from) AND EXISTS (SELECT 1 \(accepted))
                """)
        ]
    }

    /// Two that order one name at once are told apart by who holds it now.
    private static func verdictOfHolding(_ order: RegistrarOrder) -> Write {
        let holds: SQL =
            switch order.kind {
            case .renew: "expires_at = sandbox_orders.expires_at"
            case .register, .transfer: "token = \(order.token)"
            }
        return Write(
            "sandbox.verdict", touching: 0...1,
            """
            UPDATE sandbox_orders SET refusal = 'Somebody else was quicker: the name is taken'
            WHERE token = \(order.token) AND refusal IS NULL AND sends = 1
                AND NOT EXISTS (SELECT 1 FROM sandbox_names WHERE name = \(order.name.text) AND \(holds))
            """)
    }

    private func classified<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch is CommitUnknown {
            throw RegistrarError(.unavailable, "the connection was lost while committing")
        }
    }
}

extension RegistrarOrder.Kind {
    fileprivate var word: String {
        switch self {
        case .register: "register"
        case .renew: "renew"
        case .transfer: "transfer"
        }
    }
}
