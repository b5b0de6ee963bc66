import Kernel

extension Cloud {
    /// Judges every invariant, and changes nothing. It may run beside working daemons: what is under way is
    /// called moving, and what looks broken is looked at again, for a row and a machine cannot be seen at the
    /// same moment, and a machine that just died is to be found by the sweeper first.
    ///
    /// - Parameter pauses: before each further look, while everything looked at so far left something broken.
    /// - Throws: what the database throws, and `EngineUnseen`.
    package func check(pauses: [Duration] = Self.pausesBetweenLooks) async throws -> CheckReport {
        var findings = try await look()
        for pause in pauses {
            guard findings.contains(where: { !$0.broken.isEmpty }) else { break }
            try await time.sleep(for: pause)
            findings = zip(findings, try await look()).map { $1.confirming($0) }
        }
        return CheckReport(
            verdicts: zip(Invariant.all, findings).map { invariant, found in
                CheckReport.Verdict(
                    id: invariant.id, sentence: invariant.sentence, broken: .init(found.broken),
                    moving: .init(found.moving))
            })
    }

    /// Together longer than the sweeper takes to notice.
    package static let pausesBetweenLooks: [Duration] = [.seconds(1), .seconds(4), .seconds(15)]

    /// An engine did not show its machines, so nothing can be said of them.
    package struct EngineUnseen: Error, CustomStringConvertible {
        package let engine: String
        package let reason: String

        package var description: String { "the engine \(engine) cannot be looked at: \(reason)" }
    }

    /// The findings of each invariant, in their order.
    private func look() async throws -> [Invariant.Findings] {
        let (inspection, answers) = try await inspect(
            asking: Invariant.all.flatMap(\.facts).map(\.query), withAddresses: true)
        if let (engine, error) = inspection.blind.min(by: { $0.key < $1.key }) {
            throw EngineUnseen(engine: engine, reason: "\(error)")
        }
        var rest = answers[...]
        return try Invariant.all.map { invariant in
            defer { rest = rest.dropFirst(invariant.facts.count) }
            return try invariant.findings(in: inspection, rest.prefix(invariant.facts.count))
        }
    }
}

extension Invariant.Findings {
    /// What is new in this look was not yet broken at the one before, so it moves.
    fileprivate func confirming(_ earlier: Self) -> Self {
        let known = Set(earlier.broken.map(\.subject))
        return Self(
            broken: broken.filter { known.contains($0.subject) },
            moving: moving + broken.filter { !known.contains($0.subject) })
    }
}
