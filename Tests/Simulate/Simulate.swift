import Foundation
import Kernel

/// `simulate --seeds 1...300`, or `simulate --seed 7 --trace`: runs the product in simulated worlds and ends
/// with 1 at the first seed in which a rule was broken.
@main
struct Simulate {
    static func main() {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            try JobHook.install()
            exit(try run(options))
        } catch {
            print("simulate: \(error)")
            exit(2)
        }
    }

    private static func run(_ options: Options) throws -> Int32 {
        let began = SystemTime().elapsed
        var combined: UInt64 = 0
        for seed in options.seeds {
            let report = try options.simulation(of: seed, isTraced: options.isTraced).run()
            if options.isVerbose || options.isTraced { tell(report) }
            if let breach = report.breach {
                try explain(report, breach, options)
                return 1
            }
            combined = (combined ^ report.hash) &* 0x0000_0100_0000_01B3
        }
        let took = SystemTime().elapsed - began
        print("\(options.seeds.count) seeds held, hash \(String(combined, radix: 16)), \(took.wholeMilliseconds) ms")
        return 0
    }

    private static func tell(_ report: Simulation.Report) {
        for line in report.trace { print(line) }
        print(
            "seed \(report.seed): \(report.breach ?? "held"), hash \(String(report.hash, radix: 16)),",
            "\(report.jobs) jobs, \(report.elapsed.components.seconds) s of virtual time")
    }

    private static func explain(_ report: Simulation.Report, _ breach: String, _ options: Options) throws {
        if !options.isTraced {
            let again = try options.simulation(of: report.seed, isTraced: true).run()
            for line in again.trace.suffix(40) { print(line) }
            if again.hash != report.hash { print("The second run was another one: the seed does not decide all.") }
        }
        print("seed \(report.seed) broke a rule: \(breach)")
        print("replay: \(CommandLine.arguments[0]) --seed \(report.seed)\(options.conditions) --trace")
    }
}

extension Options {
    fileprivate func simulation(of seed: UInt64, isTraced: Bool) -> Simulation {
        Simulation(seed: seed, without: without, sabotage: sabotage, isTraced: isTraced)
    }

    /// What else a replay must be told.
    fileprivate var conditions: String {
        let faults = without.map(\.rawValue).sorted().map { " --without \($0)" }.joined()
        return faults + (sabotage.map { " --break \($0.rawValue)" } ?? "")
    }
}
