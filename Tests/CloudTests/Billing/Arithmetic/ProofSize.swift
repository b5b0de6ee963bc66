import Fakes
import Foundation

/// How much of a proof is run, and from which seed.
enum ProofSize {
    /// `CAIPORT_PROOF=1`: the full sizes.
    static let isFull = ProcessInfo.processInfo.environment["CAIPORT_PROOF"] == "1"

    /// `CAIPORT_SEED` repeats a run that failed; otherwise each run has another seed, and prints it.
    static func seed(of what: String) -> UInt64 {
        let given = ProcessInfo.processInfo.environment["CAIPORT_SEED"].flatMap(UInt64.init)
        let seed = given ?? .random(in: 0...UInt64.max)
        print("\(what): CAIPORT_SEED=\(seed)")
        return seed
    }
}
