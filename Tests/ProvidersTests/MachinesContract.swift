import Cloud
import Fakes
import Foundation
import Kernel
import Testing

/// What every engine promises of its machines (see `Machines`), as the steps of one machine's life, in
/// order: booting takes long on some engines, so that one machine serves all.
struct MachinesContract {
    let machines: any Machines
    /// The engine as after a restart of the daemon: another instance over the same machines.
    let restarted: any Machines
    /// Lets some time pass, on the engine's clock.
    let pass: @Sendable () async throws -> Void
    let specification: MachineSpecification

    var server: ServerID { specification.server }

    func knowsNothingOfAnUnknownID() async throws {
        let unknown = ServerID(from: SystemRandomness())
        #expect(try await machines.observe(unknown) == nil)
        try await machines.powerDown(unknown, .ask)
        try await machines.powerDown(unknown, .cut)
        await #expect(throws: MachineError.self) { try await machines.growDisk(of: unknown, to: Gibibytes(1)) }
        #expect(try await machines.console(of: unknown).isEmpty)
        #expect(try await machines.destroy(unknown))
        #expect(try await machines.observe(unknown) == nil)
        #expect(try await machines.inventory().map(\.server).contains(unknown) == false)
        #expect(try await machines.addresses()[unknown] == nil)
    }

    func makesOneMachineHoweverOftenItIsLaunched() async throws {
        #expect(machines.availability(of: specification.image) == .available)
        #expect(machines.hasRoom(for: specification.size, insteadOf: nil))
        try await launch(specification)
        let first = try await #require(known { try await machines.observe(server) })
        #expect([.booting, .ready].contains(first.power))
        #expect(try await condition() == .on)
        try await launch(specification)
        let second = try await #require(known { try await machines.observe(server) })
        #expect(second.address == first.address)
        #expect(try await machines.addresses()[server] == first.address)
        #expect(try await machines.inventory().filter { $0.server == server }.count == 1)
    }

    func becomesReadyAtItsAddress() async throws -> Machine {
        let machine = try await reaches(.ready)
        #expect(machine.server == server)
        let address = try #require(machine.address)
        #expect(!address.ip.isEmpty)
        #expect((1...65_535).contains(address.sshPort))
        try await isTold(address)
        return machine
    }

    func isFoundAgainByARestartedEngine(_ machine: Machine) async throws {
        #expect(try await known { try await restarted.observe(server) } == machine)
        #expect(try await restarted.inventory().map(\.server).contains(server))
        try await isTold(#require(machine.address))
        try await launch(specification, on: restarted)
        #expect(try await known { try await restarted.observe(server) } == machine)
    }

    func tellsOfItsGuestOnTheConsole() async throws {
        #expect(try await machines.console(of: server).contains("caiport-ready \(server)"))
    }

    /// On or off; the power stays as it is.
    /// - Parameter diskSize: as the machine itself has it.
    func growsItsDiskAndNeverShrinksIt(to size: Gibibytes, diskSize: () async throws -> Gibibytes) async throws {
        let machine = try await known { try await machines.observe(server) }
        #expect(try await diskSize() < size)
        for engine in [machines, restarted] {
            try await known { try await engine.growDisk(of: server, to: size) }
            #expect(try await diskSize() == size)
        }
        try await known { try await machines.growDisk(of: server, to: Gibibytes(1)) }
        #expect(try await diskSize() == size)
        #expect(try await known { try await machines.observe(server) } == machine)
    }

    func powersOffWhenAsked(_ machine: Machine) async throws {
        try await powerDown(.ask)
        #expect(try await machines.observe(server) == Machine(server: server, power: .off, address: machine.address))
    }

    func staysOff() async throws {
        for manner in [PowerDown.ask, .cut, .ask] {
            #expect(try await restarted.observe(server)?.power == .off)
            #expect(try await condition() == .off)
            try await machines.powerDown(server, manner)
        }
        #expect(try await machines.observe(server)?.power == .off)
        #expect(try await condition() == .off)
        // It is where it was, and what it said last is there to be read.
        try await isTold(#require(machines.observe(server)?.address))
        try await tellsOfItsGuestOnTheConsole()
    }

    /// - Returns: the machine, ready again.
    @discardableResult
    func comesBackAtTheSameAddress(_ machine: Machine, size: MachineSize) async throws -> Machine {
        try await launch(specification.resized(to: size))
        // The boot before is no proof of this one.
        #expect(try await known { try await machines.observe(server) }?.power == .booting)
        #expect(try await condition() == .on)
        let again = try await reaches(.ready)
        #expect(again == machine)
        return again
    }

    /// - Parameter powerOff: makes the guest shut itself down.
    func isOffOnceItsGuestHasShutDown(_ powerOff: () async throws -> Void) async throws {
        try await powerOff()
        try await poll("the guest has shut down") { try await condition() == .off }
        #expect(try await restarted.inventory().contains(Sighting(server: server, condition: .off)))
    }

    /// - Parameter accident: ends the machine in a way that nobody could have wished.
    func isDead(after accident: () async throws -> Void) async throws {
        let address = try await known { try await machines.observe(server) }?.address
        try await accident()
        try await poll("the machine is dead") { try await condition() == .dead }
        for engine in [machines, restarted] {
            #expect(try await engine.observe(server) == Machine(server: server, power: .dead, address: address))
        }
        try await isTold(#require(address))
        #expect(try await condition() == .dead)
    }

    func isOffOnceADeadOneIsPoweredDown(_ manner: PowerDown) async throws {
        #expect(try await condition() == .dead)
        try await machines.powerDown(server, manner)
        #expect(try await restarted.observe(server)?.power == .off)
        #expect(try await condition() == .off)
    }

    func powersOffWhenCut() async throws {
        try await known { try await machines.powerDown(server, .cut) }
        let machine = try await reaches(.off)
        #expect(machine.address != nil)
        #expect(try await condition() == .off)
    }

    /// Whether the engine tells of this address at a glance, whoever asks.
    private func isTold(_ address: MachineAddress) async throws {
        for engine in [machines, restarted] { #expect(try await engine.addresses()[server] == address) }
    }

    /// What the engine sees of the machine at a glance.
    func condition() async throws -> Sighting.Condition? {
        let sightings = try await machines.inventory().filter { $0.server == server }
        #expect(sightings.count <= 1)
        return sightings.first?.condition
    }

    func destroysForGood() async throws {
        try await poll("the machine is gone") { try await machines.destroy(server) }
        #expect(try await machines.observe(server) == nil)
        #expect(try await machines.inventory().map(\.server).contains(server) == false)
        #expect(try await machines.console(of: server).isEmpty)
        #expect(try await machines.destroy(server))

        for engine in [machines, restarted] {
            #expect(try await engine.addresses()[server] == nil)
            let refusal = await #expect(throws: MachineError.self) { try await engine.launch(specification) }
            #expect(refusal?.kind == .refused)
            await #expect(throws: MachineError.self) { try await engine.growDisk(of: server, to: Gibibytes(1)) }
        }
        #expect(try await machines.observe(server) == nil)
        #expect(try await machines.inventory().map(\.server).contains(server) == false)
    }

    func refusesAnIDThatWasDestroyedBeforeItsFirstLaunch() async throws {
        let early = MachineSpecification(
            server: ServerID(from: SystemRandomness()), hostname: "early", image: specification.image,
            size: specification.size, region: specification.region, user: specification.user,
            authorizedKeys: specification.authorizedKeys, turn: specification.turn)
        #expect(try await machines.destroy(early.server))
        let refusal = await #expect(throws: MachineError.self) { try await machines.launch(early) }
        #expect(refusal?.kind == .refused)
        #expect(try await machines.observe(early.server) == nil)
        #expect(try await machines.addresses()[early.server] == nil)
    }

    func launch(_ specification: MachineSpecification, on engine: (any Machines)? = nil) async throws {
        try await poll("the launch is started") {
            if case .started = try await (engine ?? machines).launch(specification) { true } else { false }
        }
    }

    /// Asks again and again, as a workflow does: a guest may miss it.
    func powerDown(_ manner: PowerDown) async throws {
        try await poll("the machine is off") {
            if try await machines.observe(server)?.power == .off { return true }
            try await machines.powerDown(server, manner)
            return false
        }
    }

    @discardableResult
    func reaches(_ power: Machine.Power) async throws -> Machine {
        var last: Machine?
        try await poll("the machine is \(power)") {
            last = try await machines.observe(server)
            return last?.power == power
        }
        return try #require(last)
    }

    /// What a call comes to, once the engine knows.
    private func known<Value>(_ call: () async throws -> Value) async throws -> Value {
        var outcome: Value?
        try await poll("an outcome that is known") {
            outcome = .some(try await call())
            return true
        }
        return try #require(outcome)
    }

    private func poll(_ goal: String, _ isReached: () async throws -> Bool) async throws {
        for _ in 0..<600 {
            // An engine whose host is busy may not know how a call ended: whoever called asks again, as a workflow does.
            do { if try await isReached() { return } } catch let error as MachineError
                where error.kind == .unknownOutcome
            {}
            try await pass()
        }
        Issue.record("not within the deadline: \(goal)")
        throw CancellationError()
    }
}

extension MachineSpecification {
    func resized(to size: MachineSize) -> MachineSpecification {
        MachineSpecification(
            server: server, hostname: hostname, image: image, size: size, region: region, user: user,
            authorizedKeys: authorizedKeys, turn: turn)
    }
}
