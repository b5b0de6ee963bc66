import Kernel

/// Something that must be true of the database and the engines whenever nothing is under way.
struct Invariant: Sendable {
    typealias Breach = CheckReport.Breach

    let id: String
    let sentence: String
    /// Asked of one snapshot of the rows.
    var facts: [Fact] = []
    /// Judged from what the engines show beside the rows.
    var judge: @Sendable (Inspection) -> Findings = { _ in Findings() }

    /// A question whose every answer breaks the invariant.
    struct Fact: Sendable {
        /// What is the matter with the row that has this `id`.
        let words: String
        let query: SQL
        /// Whether work on a server makes it untrue for a while.
        var movesWithWork = false
    }

    struct Findings: Sendable {
        var broken: [Breach] = []
        var moving: [Breach] = []
    }

    /// - Parameter answers: to the queries of `facts`.
    func findings(in inspection: Inspection, _ answers: ArraySlice<[Row]>) throws -> Findings {
        var findings = judge(inspection)
        for (fact, rows) in zip(facts, answers) {
            for row in rows {
                let breach = Breach(subject: try row.text("id"), words: fact.words)
                if fact.movesWithWork && inspection.after.work[breach.subject]?.isIdle == false {
                    findings.moving.append(breach)
                } else {
                    findings.broken.append(breach)
                }
            }
        }
        return findings
    }

    /// In the order in which they are reported.
    static let all = [
        counters, limits, prices, spans, contiguity, states, machines, orphans, addresses, workflows, idempotency,
        books, invoices, purchases, letters, collections, domains, zones,
    ]
}
