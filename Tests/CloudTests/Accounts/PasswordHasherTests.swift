import Cloud
import Dispatch
import Fakes
import Kernel
import Synchronization
import Testing

@Suite struct PasswordHasherTests {
    let cheap: ScryptCost
    let password = Password(entered: "a sound password")

    init() throws {
        cheap = try #require(ScryptCost(exponent: 4, blockSize: 1, parallelism: 1))
    }

    @Test func matchesOnlyTheSamePassword() async throws {
        let hasher = PasswordHasher(randomness: SeededRandomness(seed: 1), cost: cheap)
        let hash = try await hasher.hash(password)
        #expect(try await hasher.matches(password, hash))
        for other in ["", "a sound passwore", "A sound password", "a sound password ", "a sound passwor"] {
            #expect(try await !hasher.matches(Password(entered: other), hash))
        }
    }

    @Test func saltsEveryHash() async throws {
        let hasher = PasswordHasher(randomness: SeededRandomness(seed: 1), cost: cheap)
        let first = try await hasher.hash(password)
        let second = try await hasher.hash(password)
        #expect(first.text != second.text)
        #expect(try await hasher.matches(password, second))
    }

    @Test func checksAHashOfAnotherCost() async throws {
        let hash = try await PasswordHasher(randomness: SeededRandomness(seed: 1), cost: cheap).hash(password)
        let dearer = try #require(ScryptCost(exponent: 5, blockSize: 2, parallelism: 2))
        let hasher = PasswordHasher(randomness: SeededRandomness(seed: 1), cost: dearer)
        #expect(try await hasher.matches(password, PasswordHash(hash.text)))
        #expect(try await hasher.hash(password).cost == dearer)
    }

    @Test func worksAsHardForAnAccountThatDoesNotExist() async throws {
        let hasher = PasswordHasher(randomness: SeededRandomness(seed: 1), cost: cheap)
        #expect(try await !hasher.matches(password, nil))
        #expect(try await !hasher.matches(Password(entered: ""), nil))
        #expect(hasher.runs == 2)
    }

    @Test func hashesOneAtATimeAndLets16Wait() async throws {
        let gate = GatedRandomness()
        let hasher = PasswordHasher(randomness: gate, cost: cheap)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Also when an expectation fails, or the group would wait for ever.
            defer { gate.open() }
            for _ in 0..<17 {
                group.addTask { _ = try await hasher.hash(password) }
            }
            try await eventually { hasher.pending == 17 && gate.visitors == 1 }
            for _ in 0..<100 {
                let refusal = await #expect(throws: Refusal.self) { try await hasher.hash(password) }
                #expect(refusal?.code == .unavailable)
                #expect(refusal?.retryAfter == .seconds(1))
                await #expect(throws: Refusal.self) { try await hasher.matches(password, nil) }
            }
            #expect(gate.visitors == 1)
            #expect(hasher.pending == 17)
            gate.open()
            try await group.waitForAll()
        }
        #expect(gate.visitors == 17)
        #expect(hasher.runs == 17)
        #expect(hasher.pending == 0)
        #expect(try await !hasher.matches(password, nil))
    }

    private func eventually(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// Randomness behind a gate: whoever asks waits until it opens, and is counted.
private final class GatedRandomness: Randomness {
    private let gate = DispatchSemaphore(value: 0)
    private let count = Mutex(0)

    var visitors: Int { count.withLock { $0 } }

    func bytes(_ count: Int) -> [UInt8] {
        self.count.withLock { $0 += 1 }
        gate.wait()
        gate.signal()
        return [UInt8](repeating: 7, count: count)
    }

    func open() {
        gate.signal()
    }
}
