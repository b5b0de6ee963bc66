import Foundation
import Kernel
import Synchronization

/// What was seen of one fault over all the times it was made.
///
///     var ledger = FaultLedger("kill -9 at a crash point")
///     ledger.add(breaches: faults, recovery: .seconds(2))
///     try ledger.publish()
package struct FaultLedger: Sendable {
    package let fault: String
    package private(set) var times = 0
    /// Sentences of what was not as promised.
    package private(set) var breaches: [String] = []
    /// Acknowledged writes that were not there afterwards.
    package private(set) var lost: [String] = []
    package private(set) var slowestRecovery = Duration.zero

    /// How long everything may take to be at rest again: a lease, and five seconds.
    package static let recoveryLimit = Duration.seconds(35)

    package init(_ fault: String) {
        self.fault = fault
    }

    /// - Parameter recovery: from the end of the fault, or the restart, to everything at rest.
    package mutating func add(breaches: [String] = [], lost: [String] = [], recovery: Duration = .zero) {
        times += 1
        self.breaches += breaches
        self.lost += lost
        slowestRecovery = max(slowestRecovery, recovery)
    }

    package mutating func add(_ other: FaultLedger) {
        times += other.times
        breaches += other.breaches
        lost += other.lost
        slowestRecovery = max(slowestRecovery, other.slowestRecovery)
    }

    /// One ledger for each fault, in the order in which they first come.
    package static func table(_ ledgers: [FaultLedger]) -> [FaultLedger] {
        var rows: [FaultLedger] = []
        for ledger in ledgers {
            if let index = rows.firstIndex(where: { $0.fault == ledger.fault }) {
                rows[index].add(ledger)
            } else {
                rows.append(ledger)
            }
        }
        return rows
    }

    /// Everything that is wrong; empty is what a test expects.
    package var complaints: [String] {
        breaches + lost.map { "lost: \($0)" } + (times > 0 ? [] : ["\(fault): was never made"])
    }

    /// Whether the faults are to be made as often as the table of `docs/reliability.md` says: by `make proof` and
    /// `scripts/faults`.
    package static var isFullSize: Bool {
        let environment = ProcessInfo.processInfo.environment
        return environment["CAIPORT_FAULTS"] == "full" || environment["CAIPORT_PROOF"] == "1"
    }

    private static let file = Mutex(())

    /// Appends one line of JSON to the file that `CAIPORT_FAULT_REPORT` names, if it does.
    /// - Throws: what the file system throws.
    package func publish() throws {
        guard let path = ProcessInfo.processInfo.environment["CAIPORT_FAULT_REPORT"], !path.isEmpty else { return }
        let line = Line(
            fault: fault, times: times, breaches: breaches.count, lost: lost.count,
            slowestRecovery: slowestRecovery.wholeMilliseconds)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
        try Self.file.withLock { _ in
            let url = URL(fileURLWithPath: path)
            let before = (try? Data(contentsOf: url)) ?? Data()
            try (before + Data(text.utf8)).write(to: url)
        }
    }

    private struct Line: Encodable {
        let fault: String
        let times: Int
        let breaches: Int
        let lost: Int
        let slowestRecovery: Int64

        enum CodingKeys: String, CodingKey {
            case fault, times, breaches, lost
            case slowestRecovery = "slowest_recovery_ms"
        }
    }
}
