import Cloud
import Fakes
import Kernel

/// One customer with one server, on a clock that only the stage moves.
struct Stage {
    /// The cloud as it is.
    let sound: TestCloud
    /// The cloud as the worker, and the customer while something goes wrong, meet it.
    let seen: TestCloud
    let account: AccountID
    private(set) var server: ServerID?
    /// How many disks had been asked to grow before.
    private let growths: Int

    /// - Parameter faulty: what stands between the product and its database; nil for nothing.
    init(_ sound: TestCloud, through faulty: (any Database)? = nil) async throws {
        self.sound = sound
        seen = faulty.map { sound.through($0) } ?? sound
        account = try await sound.makeAccount()
        growths = sound.machines.calls(of: .growDisk)
    }

    var time: ManualTime { sound.time }

    private var requester: Requester { sound.requester(account) }

    /// Does what was done before the story, and lets it come to rest.
    mutating func prepare(_ story: Story) async throws {
        let before = soundWorker(node: "before")
        for act in story.before {
            try await perform(act, in: sound)
            guard try await rest(with: before, within: .seconds(120)) != nil else {
                throw NeverAtRest()
            }
        }
    }

    struct NeverAtRest: Error {}

    /// The story's act, as the customer sends it.
    mutating func perform(_ act: Story.Act, in cloud: TestCloud) async throws {
        switch act {
        case .create(let plan):
            server = try await cloud.deploy(account, plan: plan).id
        case .action(let action):
            _ = try await cloud.cloud.servers.act(action, on: server?.text ?? "", by: requester)
        case .destroy:
            _ = try await cloud.cloud.servers.destroy(server?.text ?? "", by: requester)
        case .death:
            guard let server else { return }
            try await sound.machines.die(server)
            try await notice()
        }
    }

    /// Learns from the list what the answer to a create would have said.
    mutating func findServer() async throws {
        if server == nil { server = try await sound.cloud.servers.list(of: account).first?.id }
    }

    /// What the sweeper does about a machine that is not as its server should be.
    func notice() async throws {
        guard let server else { return }
        let row = try await sound.cloud.servers.show(server.text, of: account)
        let sighting = try await sound.machines.inventory().first { $0.server == server }
        _ = try await sound.cloud.servers.recover(row, seen: sighting?.condition)
    }

    /// The story's act and, if it is to be, the end of its server after a first round of work on it.
    mutating func play(_ story: Story, with worker: Worker) async throws {
        try await perform(story.act, in: seen)
        if story.isDestroyedMidway {
            _ = await worker.runDue()
            try await perform(.destroy, in: sound)
        }
    }

    /// Does work on its own clock: an outage of the database is waited out at once.
    func worker(node: String = "test") -> Worker {
        worker(on: seen, node, HastyTime(base: time))
    }

    /// One whose process is stopped as soon as it waits for something, and goes on when that comes.
    func stoppedWorker(node: String) -> Worker {
        worker(on: seen, node, StoppedTime(time))
    }

    /// One that works on the cloud as it is.
    func soundWorker(node: String) -> Worker { worker(on: sound, node, HastyTime(base: time)) }

    private func worker(on cloud: TestCloud, _ node: String, _ time: any Timekeeper) -> Worker {
        Worker(
            database: cloud.database, registry: cloud.cloud.workflows,
            settings: Worker.Settings(node: node), bell: cloud.bell,
            time: time, randomness: cloud.randomness, logger: .silent)
    }

    /// Works until nothing is under way for this customer; how long that took, or nil when it would take longer
    /// than `limit`. Several workers look for work at the same time.
    func rest(with workers: Worker..., within limit: Duration) async throws -> Duration? {
        let began = time.elapsed
        while true {
            let done = await withTaskGroup(of: Int.self) { group in
                for worker in workers { group.addTask { await worker.runDue() } }
                return await group.reduce(0, +)
            }
            if done > 0, time.elapsed - began <= limit { continue }
            guard let due = try await due() else { return time.elapsed - began }
            let left = limit - (time.elapsed - began)
            guard left > .zero else { return nil }
            time.advance(by: max(.milliseconds(1), min(due - time.now, left)))
        }
    }

    func isAtRest() async throws -> Bool { try await due() == nil }

    /// When the next piece of work of this customer's can be done.
    private func due() async throws -> Instant? {
        try await sound.database.read(
            """
            SELECT MIN(CASE WHEN lease_until > run_at THEN lease_until ELSE run_at END) AS next
            FROM workflows WHERE open = 1 AND account_id = \(account)
            """)[0].optionalInstant("next")
    }

    /// What is not as the story allows.
    /// - Parameters:
    ///   - mayFail: whether what went wrong lasted, so that the end may be a failure.
    ///   - mayBeOff: whether somebody switched the machine off so late that it looks as if its guest did.
    func faults(after story: Story, mayFail: Bool, mayBeOff: Bool = false) async throws -> [String] {
        guard let server else { return ["\(story.name): there is no server"] }
        let row = try await sound.cloud.servers.show(server.text, of: account)
        let end = Story.End(state: row.state, plan: row.plan.text)
        var faults: [String] = []
        if mayBeOff, end == Story.End(state: .stopped, plan: story.end.plan) {
            // As after a guest's own end.
        } else if end == story.end {
            if row.failure != nil, !mayFail { faults.append("ended well, and yet says \(row.failure?.message ?? "")") }
        } else if mayFail, story.failures.contains(end) {
            if row.failure == nil { faults.append("ended as \(end), and does not say why") }
        } else {
            faults.append("ended as \(end) instead of \(story.end): \(row.failure?.message ?? "no failure")")
        }
        if let fault = try await machineFault(of: row) { faults.append(fault) }
        if let fault = try await diskFault(of: row) { faults.append(fault) }
        faults += try await Books(sound).faults()
        return faults.map { "\(story.name): \($0)" }
    }

    /// A disk is larger than its server's only when nobody could tell whether it had grown at the end of a resize.
    private func diskFault(of row: Server) async throws -> String? {
        let machines = try await sound.database.read(
            "SELECT storage_gib FROM simulated_machines WHERE id = \(row.id) AND destroyed_at IS NULL")
        guard let disk = try machines.first?.int("storage_gib") else { return nil }
        let mayBeLarger = row.failure?.code == .resizeFailed && sound.machines.calls(of: .growDisk) > growths
        let mayBeSmaller = row.state != .running
        switch disk - row.size.storage.count {
        case 1... where !mayBeLarger, ..<0 where !mayBeSmaller:
            return "its disk has \(disk) GiB instead of \(row.size.storage.count)"
        default: return nil
        }
    }

    private func machineFault(of row: Server) async throws -> String? {
        let machine = try await sound.machines.observe(row.id)
        let power = machine?.power
        if row.address != (row.state == .error ? nil : machine?.address?.ip) {
            return "its address is \(row.address ?? "nil"), and its machine's \(machine?.address?.ip ?? "nil")"
        }
        switch row.state {
        case .running: return power == .ready ? nil : "its machine is \(power as Any)"
        case .stopped: return power == .off ? nil : "its machine is \(power as Any)"
        case .error, .terminated: return power == nil ? nil : "its machine is \(power as Any)"
        case .pending, .provisioning, .stopping: return "it is not at rest"
        }
    }
}

/// A manual clock on which short pauses pass by themselves: those a worker makes while its database is out. What is
/// longer is a limit, and waits until the stage moves the clock.
struct HastyTime: Timekeeper {
    let base: ManualTime

    var now: Instant { base.now }
    var elapsed: Duration { base.elapsed }

    func sleep(for duration: Duration) async throws {
        guard duration <= .seconds(1) else { return try await base.sleep(for: duration) }
        base.advance(by: duration)
    }
}
