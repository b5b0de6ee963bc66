import Kernel

/// Compares engines and database again and again, and remembers between its passes what it has seen: a
/// machine that should not be is only ended when it has been there for a while.
package struct Sweeper: Sendable {
    /// What it does about what it finds.
    package enum Manner: String, CaseIterable, Sendable {
        /// Brings servers back, and ends machines that should not be.
        case end
        /// Tells, and changes nothing: for the hours after the database was put back from a backup.
        case report
    }

    package let manner: Manner
    var memory = SweepMemory()

    package init(_ manner: Manner) {
        self.manner = manner
    }

    /// How often to sweep: what went wrong is to be noticed within a minute.
    package static let interval = Duration.seconds(15)
}

/// What one pass saw that the next must know.
package struct SweepMemory: Hashable, Sendable {
    /// Machines that should not be, or not be on.
    package var suspects: [ServerID: Suspect] = [:]
    /// What was told last, so that it is told once.
    var told: Set<ServerID> = []

    package init() {}

    package struct Suspect: Hashable, Sendable {
        let engine: String
        /// When it was first seen, by `Timekeeper.elapsed`.
        let since: Duration
        /// How often it was ended and was still there afterwards.
        var tries = 0
    }
}

/// What one pass did.
package struct SweepReport: Hashable, Sendable {
    /// Servers whose recovery was begun.
    package var recovered: [ServerID] = []
    /// Servers whose destruction, which nobody was at any more, was begun again.
    package var destroyed: [ServerID] = []
    /// Machines that were ended, or whose power was cut.
    package var ended: [ServerID] = []
    /// What was only told: all there is in `Manner.report`, else machines beyond the most that are ended.
    package var reported: [ServerID] = []
    /// Engines that did not show their machines.
    package var unseen: [String] = []

    package init() {}
}
