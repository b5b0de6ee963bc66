import Cloud
import Fakes
import Kernel
import Providers
import Testing

/// The fake keeps every promise that the real engine keeps, so that tests on it say something.
@Suite struct SimulatedMachinesTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func keepsTheContract(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(
            kind, migrations: try Schema.migrations(for: kind == .sqlite ? .sqlite : .postgres)
        ) { database in
            let time = ManualTime()
            let engine = { SimulatedMachines(database: database, time: time, bootTime: .seconds(2)) }
            let contract = MachinesContract(
                machines: engine(), restarted: engine(), pass: { time.advance(by: .seconds(1)) },
                specification: MachineSpecification(
                    server: ServerID(from: SystemRandomness()), hostname: "web-1", image: "debian-12",
                    size: MachineSize(vcpu: 1, ram: Mebibytes(512), storage: Gibibytes(10)),
                    region: "ap-southeast-2", user: "debian", authorizedKeys: [], turn: .zero))
            try await contract.knowsNothingOfAnUnknownID()
            try await contract.makesOneMachineHoweverOftenItIsLaunched()
            let machine = try await contract.becomesReadyAtItsAddress()
            try await contract.isFoundAgainByARestartedEngine(machine)
            try await contract.tellsOfItsGuestOnTheConsole()
            let simulated = engine()
            let server = contract.server
            let diskSize = {
                try await Gibibytes(
                    database.read("SELECT storage_gib FROM simulated_machines WHERE id = \(server)")[0]
                        .int("storage_gib"))
            }
            try await contract.growsItsDiskAndNeverShrinksIt(to: Gibibytes(12), diskSize: diskSize)
            try await contract.powersOffWhenAsked(machine)
            try await contract.staysOff()
            try await contract.growsItsDiskAndNeverShrinksIt(to: Gibibytes(13), diskSize: diskSize)
            let larger = MachineSize(vcpu: 2, ram: Mebibytes(1024), storage: Gibibytes(20))
            try await contract.comesBackAtTheSameAddress(machine, size: larger)
            try await contract.isOffOnceItsGuestHasShutDown { try await simulated.guestPowersOff(server) }
            try await contract.staysOff()
            try await contract.comesBackAtTheSameAddress(machine, size: contract.specification.size)
            #expect(try await diskSize() == larger.storage)
            for manner in [PowerDown.ask, .cut] {
                try await contract.isDead { try await simulated.machineDies(server) }
                try await contract.isOffOnceADeadOneIsPoweredDown(manner)
                try await contract.comesBackAtTheSameAddress(machine, size: larger)
            }
            try await contract.isDead { try await simulated.hostRestarts() }
            try await contract.comesBackAtTheSameAddress(machine, size: larger)
            try await contract.powersOffWhenCut()
            // What is off is not harmed by what only befalls machines that are on.
            try await simulated.machineDies(server)
            try await simulated.hostRestarts()
            try await contract.staysOff()
            try await contract.destroysForGood()
            try await contract.refusesAnIDThatWasDestroyedBeforeItsFirstLaunch()
        }
    }

    @Test func isReadyInItsTimeThoughTheClockIsSetBack() async throws {
        try await withTestDatabase(.sqlite, migrations: try Schema.migrations(for: .sqlite)) { database in
            let time = ManualTime()
            let engine = SimulatedMachines(database: database, time: time, bootTime: .seconds(2))
            let server = ServerID(from: SystemRandomness())
            _ = try await engine.launch(
                MachineSpecification(
                    server: server, hostname: "web-1", image: "debian-12",
                    size: MachineSize(vcpu: 1, ram: Mebibytes(512), storage: Gibibytes(10)),
                    region: "ap-southeast-2", user: "debian", authorizedKeys: [], turn: .zero))
            time.advance(by: .seconds(3))
            time.set(forwardBy: .seconds(-86_400))
            #expect(try await engine.observe(server)?.power == .ready)
        }
    }
}
