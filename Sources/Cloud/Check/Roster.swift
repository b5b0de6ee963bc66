import Kernel

/// The servers that may have a machine, and the work under way on them, at one snapshot of the database.
package struct Roster: Sendable {
    /// Those whose engine has not said yet that nothing is left of them.
    package let servers: [ServerID: ServerStanding]
    /// The open workflows, by subject.
    package let work: [String: OpenWork]
    /// The subjects of the workflows that ended lately, by the workflows' ids.
    package let finished: [String: String]

    package init(servers: [ServerStanding], work: [String: OpenWork] = [:], finished: [String: String] = [:]) {
        self.servers = Dictionary(servers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.work = work
        self.finished = finished
    }

    /// How much of the past `finished` holds: longer than a save is tried for, since the moment in the row is that
    /// of the first try.
    private static let recently = Duration.seconds(60)

    static func queries(since start: Instant) -> [SQL] {
        [
            "SELECT \(ServerStanding.columns) FROM servers WHERE removed_at IS NULL",
            "SELECT subject, kind, step, note, deadline FROM workflows WHERE open = 1",
            "SELECT id, subject FROM workflows WHERE open = 0 AND finished_at >= \(start - recently)",
        ]
    }

    /// - Parameter answers: to `queries`.
    init(_ answers: ArraySlice<[Row]>) throws {
        let answers = Array(answers)
        self.init(
            servers: try answers[0].map(ServerStanding.init),
            work: Dictionary(
                try answers[1].map { (try $0.text("subject"), try OpenWork($0)) },
                uniquingKeysWith: { first, _ in first }
            ),
            finished: Dictionary(
                try answers[2].map { (try $0.text("id"), try $0.text("subject")) },
                uniquingKeysWith: { first, _ in first }
            ))
    }
}

/// What of a server's row must agree with its machine.
package struct ServerStanding: Hashable, Sendable {
    package let id: ServerID
    package let engine: String
    package let state: ServerState
    package let desired: DesiredState
    package let createdAt: Instant
    /// Whether it ended where nobody wished it, and says so.
    package let isFailed: Bool
    /// Where its customer is told that it is.
    package let address: MachineAddress?

    package init(
        id: ServerID, engine: String, state: ServerState, desired: DesiredState, createdAt: Instant,
        isFailed: Bool = false, address: MachineAddress? = nil
    ) {
        self.id = id
        self.engine = engine
        self.state = state
        self.desired = desired
        self.createdAt = createdAt
        self.isFailed = isFailed
        self.address = address
    }

    static let columns: SQL = "id, engine, state, desired, created_at, failure_code, public_ip, ssh_port"

    init(_ row: Row) throws {
        id = try row.identifier("id")
        engine = try row.text("engine")
        state = try row.value("state")
        desired = try row.value("desired")
        createdAt = try row.instant("created_at")
        isFailed = try row.optionalText("failure_code") != nil
        let port = try row.int("ssh_port")
        address = try row.optionalText("public_ip").map { MachineAddress(ip: $0, sshPort: port) }
    }
}

/// An open workflow as a row.
package struct OpenWork: Hashable, Sendable {
    package let kind: String
    package let step: String
    package let note: String?
    package let deadline: Instant?

    package init(kind: String, step: String, note: String? = nil, deadline: Instant? = nil) {
        self.kind = kind
        self.step = step
        self.note = note
        self.deadline = deadline
    }

    init(_ row: Row) throws {
        kind = try row.text("kind")
        step = try row.text("step")
        note = try row.optionalText("note")
        deadline = try row.optionalInstant("deadline")
    }

    /// Whether it waits, as perpetual work does nearly always.
    var isIdle: Bool {
        CloseMonth.isIdle(self) || CollectInvoice.isIdle(self) || SyncZone.isIdle(self) || KeepDomain.isIdle(self)
            || InvoiceOrder.isIdle(self) || KeepSigned.isIdle(self)
    }

    /// Whether its kind, step or state is of another program than this.
    var isUnrunnable: Bool { note?.hasPrefix(Settlement.unrunnable) == true }

    /// How long after its deadline a workflow is thought to be late because a worker is busy: whoever works asks
    /// what to do within seconds.
    static let grace = Duration.seconds(60)

    /// Words about why nobody will end it without help; nil when it is getting on.
    func trouble(at now: Instant) -> String? {
        if let note, note.hasPrefix("parked:") { return "\(kind) at \(step) is \(note)" }
        guard let deadline, deadline + Self.grace < now else { return nil }
        return "\(kind) at \(step) is \((now - deadline).components.seconds) seconds past its deadline"
    }
}
