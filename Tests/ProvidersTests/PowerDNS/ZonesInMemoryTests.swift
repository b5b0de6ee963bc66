import Cloud
import Fakes
import Kernel
import Testing

@Suite struct ZonesInMemoryTests {
    private func contract() -> (ZonesContract, ZonesInMemory) {
        let fake = ZonesInMemory(time: ManualTime())
        let contract = ZonesContract(zones: fake, ask: { name, type in fake.answer(name, type) }, lose: { fake.wipe() })
        return (contract, fake)
    }

    @Test func keepsTheContract() async throws {
        let (contract, _) = contract()
        try await contract.answersWhatIsPut("types.test")
        try await contract.holdsExactlyWhatWasPutLast("replaced.test")
        try await contract.keepsTheSerialOfWhatIsTheSame("same.test")
        try await contract.refusesQuestionsForARemovedZone("removed.test")
        try await contract.takesZonesSideBySide("parallel.test")
        try await contract.comesBackWholeAfterALoss("lost.test")
        try await contract.tellsTheKeysOfSignedZones("signed.test")
    }

    @Test func goesWrongWhenToldTo() async throws {
        let (_, fake) = contract()
        let zone = ZonesContract.zone("one.test", [])
        fake.become(.out)
        var error = await #expect(throws: ZonesError.self) { _ = try await fake.put(zone) }
        #expect(error?.kind == .unavailable)
        fake.become(.well)
        fake.refuse(zone.name)
        error = await #expect(throws: ZonesError.self) { _ = try await fake.put(zone) }
        #expect(error?.kind == .refused)
        #expect(fake.changes == 0)
        _ = try await fake.put(ZonesContract.zone("two.test", []))
        #expect(fake.changes == 1)
    }
}
