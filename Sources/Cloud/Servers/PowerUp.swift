import Kernel
import Logging

/// How workflows bring a machine up: launch it, wait for the guest of that launch to answer, launch again when
/// it went off meanwhile.
enum PowerUp {
    /// From when the machine is launched until its guest answers. Waiting for others to boot is not counted: after
    /// a host's reboot the last of many waits long.
    static let timeLimit = Duration.seconds(600)

    /// One, and three more for a machine that goes off while it boots.
    static let mostLaunches = 4

    /// The code by which a step says that machines of this server do not stay on.
    static let crashed = "crashed"
}

extension ServerWorld {
    /// Launches the machine on the disk it has, then goes on to `awaitBoot`.
    ///
    /// - Parameters:
    ///   - storage: of its disk, which grows if it is smaller; nil for what its plan gives it.
    ///   - launches: how often this workflow has launched it; part of the workflow's state.
    ///   - writes: committed once it is launched.
    func launch<Step>(
        _ id: ServerID, of account: AccountID, storage: Gibibytes? = nil, launches: inout Int?, then awaitBoot: Step,
        with writes: [Write] = []
    ) async throws -> Next<Step> {
        let (server, specification) = try await specification(of: id, of: account, storage: storage)
        let engine = try engines.engine(of: server)
        guard try await engine.observe(id) != nil else {
            // A launch would make a new disk in place of the customer's.
            return .again(after: .seconds(2), note: "Waiting for the engine to find the machine")
        }
        guard (launches ?? 0) < PowerUp.mostLaunches else {
            return .fail(code: PowerUp.crashed, "the machine went off \(PowerUp.mostLaunches) times while booting")
        }
        return try await launch(specification, on: engine) { readyAfter in
            launches = (launches ?? 0) + 1
            return .go(to: awaitBoot, after: readyAfter, with: writes, note: "Booting")
        }
    }

    /// One call of the engine's `launch`, with its ways of saying "not yet" and "never" made into what comes next.
    ///
    /// - Parameter isTimed: whether the deadline runs, and so has to be moved while nothing can be done.
    func launch<Step>(
        _ specification: MachineSpecification, on engine: any Machines, isTimed: Bool = true,
        started: (Duration) -> Next<Step>
    ) async throws -> Next<Step> {
        let extended = isTimed ? time.now + PowerUp.timeLimit : nil
        do {
            switch try await engine.launch(specification) {
            case .started(let readyAfter): return started(readyAfter)
            case .preparing(let words):
                return .again(after: .seconds(1), note: words, deadline: extended)
            case .queued:
                return .again(
                    after: .milliseconds(500), note: "Waiting for other servers to boot", deadline: extended)
            }
        } catch let error as MachineError {
            switch error.kind {
            case .imageUnavailable: return .fail(code: "image-unavailable", error.detail)
            case .refused: return .fail(code: "refused", error.detail)
            case .unknownOutcome, .throttled, .noCapacity, .broken: throw error
            }
        }
    }

    /// Looks until the guest answers.
    ///
    /// - Parameters:
    ///   - relaunch: where it goes on when the machine is off.
    ///   - ready: what comes next.
    func awaitBoot<Step>(
        _ id: ServerID, of account: AccountID, relaunch: Step,
        ready: (Server, MachineAddress) throws -> Next<Step>
    ) async throws -> Next<Step> {
        let server = try await server(id, of: account)
        let machine = try await engines.engine(of: server).observe(id)
        switch (machine?.power, machine?.address) {
        case (.ready, let address?):
            return try ready(server, address)
        case (.off, _), (.dead, _):
            return .go(
                to: relaunch, after: .seconds(1), note: "The machine went off while booting; starting it again")
        case (nil, _):
            return .again(after: .seconds(2), note: "Waiting for the engine to find the machine")
        case (.booting, _), (.ready, nil):
            return .again(after: .milliseconds(250), note: "Booting")
        }
    }
}

extension ServerWorld {
    /// What a server that had been running says of its not coming up again; tells an operator of a machine that
    /// is lost.
    func failure(of id: ServerID, account: AccountID, because failure: WorkflowFailure) async throws -> ServerFailure {
        guard case .deadlinePassed = failure else { return ServerFailure(because: failure) }
        let server = try await server(id, of: account)
        do {
            guard try await engines.engine(of: server).observe(id) == nil else {
                return ServerFailure(because: failure)
            }
        } catch is MachineError {
            // What cannot be seen just now may be well: then it was the time that was too short.
            return ServerFailure(because: failure)
        }
        logger.critical(
            "a server's machine is lost: its engine shows none; an operator is needed", metadata: ["server": "\(id)"])
        return ServerFailure(
            .crashed,
            "The server's machine cannot be found. Ask support about its data, or destroy it and deploy again.")
    }
}

extension ServerFailure {
    /// Why a server that had been running did not come up again.
    init(because failure: WorkflowFailure) {
        switch failure {
        case .deadlinePassed:
            self.init(.bootTimeout, "The server did not boot within ten minutes. Its disk is kept: start it again.")
        case .failed(PowerUp.crashed, _):
            self.init(
                .crashed, "The server's machine went off again and again. Its disk is kept: look at its console.")
        case .exhausted(let error as MachineError) where error.kind == .noCapacity:
            self.init(.noCapacity, "There is no room to start this server now. Its disk is kept: try again later.")
        case .failed, .exhausted:
            self.init(.providerRefused, "The server could not be started. Its disk is kept: start it again.")
        }
    }
}
