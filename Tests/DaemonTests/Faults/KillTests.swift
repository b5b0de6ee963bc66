import Fakes
import Foundation
import Kernel
import Testing

/// `kill -9` of the real daemon at any moment of a busy hour. `CAIPORT_SEED` repeats the moments and what customers ask
/// for, though not what the daemon is at by then.
@Suite(.serialized) struct KillTests {
    /// 200 in all at full size.
    private static let randomKills: [TestDatabase.Kind: Int] =
        FaultLedger.isFullSize ? [.sqlite: 100, .postgres: 100] : [.sqlite: 4, .postgres: 2]

    @Test(arguments: TestDatabase.Kind.allCases)
    func whateverWasAcknowledgedSurvivesKillsAtAnyMoment(kind: TestDatabase.Kind) async throws {
        switch kind {
        case .sqlite: try await killAtRandom(try Installation(), kind)
        case .postgres: try await withTestDatabase(.postgres) { try await killAtRandom(try Installation(on: $0), kind) }
        }
    }

    private func killAtRandom(_ installation: Installation, _ kind: TestDatabase.Kind) async throws {
        let given = ProcessInfo.processInfo.environment["CAIPORT_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64(SystemRandomness().bytes(1)[0])
        // Also for a run that throws, or never ends.
        print("kills on \(kind): CAIPORT_SEED=\(seed)")
        let moments = SeededRandomness(seed: seed)
        var ledger = FaultLedger("kill -9 under load (\(kind))")
        var daemon = try await installation.start()
        let crowd = try await Crowd(4, of: installation, at: daemon, seed: seed << 8)
        for _ in 0..<(Self.randomKills[kind] ?? 0) {
            let victim = daemon
            try await crowd.shop(at: victim.url) {
                try await Task.sleep(for: .milliseconds(20 + moments.number(below: 400)))
                try await victim.kill()
            }
            daemon = try await installation.start()
            let recovery = try await installation.rest()
            await crowd.settle(at: daemon.url)
            var breaches = recovery == nil ? ["not at rest in time"] : []
            if try await installation.rest() == nil { breaches.append("not at rest after the last answers") }
            breaches += await crowd.breaches(at: daemon.url)
            breaches += try await installation.breaches()
            ledger.add(
                breaches: breaches, lost: try await crowd.lost(at: daemon.url),
                recovery: recovery ?? FaultLedger.recoveryLimit)
        }
        let acknowledged = await crowd.acknowledged
        try await daemon.terminate()
        try ledger.publish()
        #expect(ledger.complaints == [], "seed \(seed)")
        #expect(acknowledged > ledger.times, "there was hardly a load")
    }
}
