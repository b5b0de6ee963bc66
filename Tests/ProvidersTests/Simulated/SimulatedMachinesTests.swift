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
            try await contract.powersOffWhenAsked(machine)
            let larger = MachineSize(vcpu: 2, ram: Mebibytes(1024), storage: Gibibytes(20))
            _ = try await contract.comesBackLargerAtTheSameAddress(machine, size: larger)
            try await contract.powersOffWhenCut()
            try await contract.destroysForGood()
            try await contract.refusesAnIDThatWasDestroyedBeforeItsFirstLaunch()
        }
    }
}
