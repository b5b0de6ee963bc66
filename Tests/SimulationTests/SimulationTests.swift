import Foundation
import Testing

/// The product in simulated worlds: see docs/decisions/0009.
@Suite struct SimulationTests {
    /// 20 000 with `CAIPORT_PROOF=1`, otherwise 300; in halves, one for each of two processors.
    private static let halves: [String] =
        ProcessInfo.processInfo.environment["CAIPORT_PROOF"] == "1"
        ? ["1...10000", "10001...20000"] : ["1...150", "151...300"]

    @Test(arguments: halves)
    func holdsWhateverGoesWrong(seeds: String) async throws {
        let run = try await SimulateProgram.run("--seeds", seeds)
        #expect(run.status == 0, "\(run.end)")
    }

    /// Seeds in which a rule was broken once. What they showed may lie elsewhere now; they cost little.
    @Test(arguments: [
        // A clock set back while a request was under way: its workflow slept for a day.
        54,
        // A clock set back: all that was under way slept for a day.
        73,
        // A step that was late pulled the plug of a machine which the next worker had just started.
        132,
        // An engine that never answered was waited for by the sweeper for ever.
        2769, 3472,
        // A claim that was heard of after its lease had ended: its step pulled a plug late.
        3007,
        // A clock set back while a step was being saved: its deadline was a day away.
        3888,
    ])
    func holdsWhereItOnceBroke(seed: Int) async throws {
        let run = try await SimulateProgram.run("--seed", "\(seed)")
        #expect(run.status == 0, "\(run.end)")
    }

    @Test func doesTheSameWithTheSameSeed() async throws {
        let first = try await SimulateProgram.run("--seeds", "1...20", "--verbose")
        let second = try await SimulateProgram.run("--seeds", "1...20", "--verbose")
        // The last line has the time it took.
        let lines = first.output.split(separator: "\n").dropLast()
        #expect(lines.count == 20)
        #expect(lines == second.output.split(separator: "\n").dropLast())
        let hashes = Set(lines.map { $0.split(separator: "hash ").last ?? "" })
        #expect(hashes.count == 20)
    }

    @Test(arguments: [
        "stale-save", "double-release", "no-limit", "lost-commit", "twin-machines", "kept-machine", "forgotten-key",
        "early-disk",
    ])
    func noticesABrokenRule(sabotage: String) async throws {
        // It ends with the first that notices. A resize that fails is rare.
        let run = try await SimulateProgram.run("--seeds", "1...1000", "--break", sabotage)
        #expect(run.status == 1, "\(run.end)")
        #expect(run.output.contains("broke a rule"))
        #expect(run.output.contains("--break \(sabotage) --trace"))
    }
}
