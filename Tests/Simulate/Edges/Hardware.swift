import Cloud
import Kernel
import Synchronization

/// The machines that are really there, whatever anybody was told about them.
final class Hardware: Sendable {
    struct Unit: Sendable {
        /// Differs for every machine ever made.
        let number: Int
        var power = Power.off
        /// How often it was given power.
        var boots = 0
        /// When the guest of this boot answers.
        var readyAt = Duration.zero
        /// As it was last launched; a disk that was larger stays.
        var size: MachineSize
        /// As much of the disk as launches have asked for: all of it but what was grown since.
        var launchedStorage: Gibibytes
        let ignoresButton: Bool
        /// Until when the engine's answers leave it out.
        var unseenUntil = Duration.zero
        let address: MachineAddress

        enum Power: Sendable {
            case off
            case dead
            case on
        }
    }

    private struct State {
        var units: [ServerID: [Unit]] = [:]
        var burnt: Set<ServerID> = []
        var made = 0
        /// When the last call that was made of a machine has its effect: later ones do not overtake it.
        var lanes: [ServerID: Duration] = [:]
        /// When a machine last went off by itself.
        var falls: [ServerID: Duration] = [:]
    }

    private let state = Mutex(State())
    private let stage: Stage

    init(on stage: Stage) {
        self.stage = stage
    }

    func units(of server: ServerID) -> [Unit] { state.withLock { $0.units[server] ?? [] } }

    /// Every server that has a machine, in the order of their names.
    var servers: [ServerID] { state.withLock { $0.units.filter { !$0.value.isEmpty }.keys.sorted() } }

    /// When the server's machine last went off without its plug being pulled.
    func fellAt(_ server: ServerID) -> Duration? { state.withLock { $0.falls[server] } }

    /// When a call that is made now and takes `delay` has its effect, after all that were made before.
    func turn(of server: ServerID, after delay: Duration) -> Duration {
        let now = stage.scheduler.elapsed
        return state.withLock { state in
            let due = max(now + delay, state.lanes[server] ?? .zero)
            state.lanes[server] = due
            return due - now
        }
    }

    // MARK: What the engine's verbs do to them

    func launch(_ specification: MachineSpecification) throws(MachineError) -> Launch {
        let server = specification.server
        guard !state.withLock({ $0.burnt.contains(server) }) else {
            throw MachineError(.refused, "it was destroyed")
        }
        let isForgetful = stage.sabotage == .twinMachines && stage.weather.number(0...3) == 0
        if units(of: server).isEmpty || isForgetful { make(specification) }
        guard var unit = units(of: server).last else { throw MachineError(.broken, "no machine") }
        let now = stage.scheduler.elapsed
        if unit.power == .on { return .started(readyAfter: min(max(.zero, unit.readyAt - now), .seconds(2))) }
        let isAnotherSize = unit.boots > 0 && !unit.size.hasPower(of: specification.size)
        unit.power = .on
        unit.boots += 1
        unit.launchedStorage = max(unit.launchedStorage, specification.size.storage)
        unit.size = specification.size.withStorage(max(unit.size.storage, specification.size.storage))
        let bootTime = Duration.milliseconds(stage.weather.number(200...4000))
        let boots = !stage.weather.brings(.neverBoots) && !(isAnotherSize && stage.weather.brings(.sizeUnfit))
        unit.readyAt = boots ? now + bootTime : .seconds(1 << 40)
        replace(unit, of: server)
        stage.trace.note("machine", "\(server) \(unit.number) has power, boot \(unit.boots)")
        foresee(unit, of: server)
        return .started(readyAfter: .milliseconds(stage.weather.number(0...1500)))
    }

    private func make(_ specification: MachineSpecification) {
        let server = specification.server
        let ignoresButton = stage.weather.number(0...7) == 0
        let unseenUntil =
            stage.weather.brings(.hidden)
            ? stage.scheduler.elapsed + .milliseconds(stage.weather.number(100...8000)) : .zero
        let (number, count) = state.withLock { state in
            state.made += 1
            let unit = Unit(
                number: state.made, size: specification.size, launchedStorage: specification.size.storage,
                ignoresButton: ignoresButton, unseenUntil: unseenUntil,
                address: MachineAddress(ip: "127.64.\(state.made / 256).\(state.made % 256)"))
            state.units[server, default: []].append(unit)
            return (state.made, state.units[server]?.count ?? 0)
        }
        stage.trace.note("machine", "\(server) \(number) is made")
        if count > 1 { stage.isBroken("\(server) has \(count) machines") }
    }

    /// What the guest of this boot will do of its own accord.
    private func foresee(_ unit: Unit, of server: ServerID) {
        for (fault, power) in [(Weather.Fault.guestOff, Unit.Power.off), (.guestDead, .dead)]
        where stage.weather.brings(fault) {
            let moment = Duration.milliseconds(stage.weather.number(50...40_000))
            stage.scheduler.after(moment) { self.fall(to: power, unit, of: server) }
        }
    }

    /// Goes off, unless it is another boot by now.
    private func fall(to power: Unit.Power, _ unit: Unit, of server: ServerID) {
        guard var current = units(of: server).first(where: { $0.number == unit.number }), current.power == .on,
            current.boots == unit.boots
        else { return }
        current.power = power
        replace(current, of: server)
        let now = stage.scheduler.elapsed
        state.withLock { $0.falls[server] = now }
        stage.trace.note("machine", "\(server) \(unit.number) goes \(power)")
    }

    func observe(_ server: ServerID) -> Machine? {
        let now = stage.scheduler.elapsed
        guard let unit = units(of: server).last, unit.unseenUntil <= now else { return nil }
        let power: Machine.Power =
            switch unit.power {
            case .off: .off
            case .dead: .dead
            case .on: unit.readyAt <= now ? .ready : .booting
            }
        return Machine(server: server, power: power, address: unit.address)
    }

    func growDisk(of server: ServerID, to size: Gibibytes) throws(MachineError) {
        guard var unit = units(of: server).last else { throw MachineError(.broken, "no machine") }
        guard unit.size.storage < size else { return }
        unit.size = unit.size.withStorage(size)
        replace(unit, of: server)
        stage.trace.note("machine", "\(server) \(unit.number) has a disk of \(size.count) GiB")
    }

    func powerDown(_ server: ServerID, _ manner: PowerDown) {
        for var unit in units(of: server) {
            switch (manner, unit.power) {
            case (.cut, .on), (.cut, .dead):
                unit.power = .off
                replace(unit, of: server)
                stage.trace.note("machine", "\(server) \(unit.number) is cut off")
            case (.ask, .on) where unit.readyAt <= stage.scheduler.elapsed && !unit.ignoresButton:
                let asked = unit
                stage.scheduler.after(.milliseconds(stage.weather.number(50...3000))) {
                    self.fall(to: .off, asked, of: server)
                }
            case (.cut, .off), (.ask, _): break
            }
        }
    }

    /// True when nothing is left of it.
    func destroy(_ server: ServerID) -> Bool {
        let isFirst = state.withLock { $0.burnt.insert(server).inserted }
        // Ending a machine takes a moment, now and then.
        if isFirst, stage.weather.number(0...3) == 0 { return units(of: server).isEmpty }
        if stage.sabotage == .keptMachine, stage.weather.number(0...2) == 0 { return true }
        let count = state.withLock { $0.units.removeValue(forKey: server)?.count ?? 0 }
        if count > 0 { stage.trace.note("machine", "\(server) is removed") }
        return true
    }

    func inventory() -> [Sighting] {
        let now = stage.scheduler.elapsed
        return servers.compactMap { server in
            guard let unit = units(of: server).last, unit.unseenUntil <= now else { return nil }
            let condition: Sighting.Condition =
                switch unit.power {
                case .on: .on
                case .off: .off
                case .dead: .dead
                }
            return Sighting(server: server, condition: condition)
        }
    }

    func addresses() -> [ServerID: MachineAddress] {
        let now = stage.scheduler.elapsed
        var addresses: [ServerID: MachineAddress] = [:]
        for server in servers {
            guard let unit = units(of: server).last, unit.unseenUntil <= now else { continue }
            addresses[server] = unit.address
        }
        return addresses
    }

    private func replace(_ unit: Unit, of server: ServerID) {
        state.withLock { state in
            state.units[server] = state.units[server]?.map { $0.number == unit.number ? unit : $0 }
        }
    }
}

extension MachineSize {
    fileprivate func hasPower(of other: MachineSize) -> Bool { vcpu == other.vcpu && ram == other.ram }

    func withStorage(_ storage: Gibibytes) -> MachineSize {
        MachineSize(vcpu: vcpu, ram: ram, storage: storage)
    }
}
