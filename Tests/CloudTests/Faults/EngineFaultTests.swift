import Cloud
import Fakes
import Kernel
import Testing

/// Every fault of an engine, at every verb, in every story: the end is one the customer was promised.
@Suite struct EngineFaultTests {
    private static let verbs: [FaultyMachines.Verb] = [.launch, .observe, .growDisk, .powerDown, .destroy]

    @Test func endsAsPromisedWhateverTheEngineDoes() async throws {
        var ledgers: [FaultLedger] = []
        for kind in TestDatabase.Kind.allCases {
            ledgers += try await Story.play(on: kind) { story, test in
                try await trials(of: story, in: test)
            }
        }
        let rows = FaultLedger.table(ledgers)
        for row in rows { try row.publish() }
        #expect(rows.flatMap(\.complaints) == [])
        #expect(Set(rows.map(\.fault)) == Set(EngineFault.all.map(\.row)))
    }

    private func trials(of story: Story, in test: TestCloud) async throws -> [FaultLedger] {
        var ledgers: [FaultLedger] = []
        var combination = 0
        for verb in Self.verbs {
            for fault in EngineFault.all {
                combination += 1
                guard story.isChosen(combination, oneOf: 5) else { continue }
                if let ledger = try await trial(of: fault, at: verb, in: story, test) { ledgers.append(ledger) }
            }
        }
        return ledgers
    }

    /// Nil when the story never met the fault.
    private func trial(
        of fault: EngineFault, at verb: FaultyMachines.Verb, in story: Story, _ test: TestCloud
    ) async throws -> FaultLedger? {
        var stage = try await Stage(test)
        try await stage.prepare(story)
        let worker = stage.worker(node: "one")
        let (gate, calls) = (Gate(), test.machines.calls(of: verb))
        guard fault.arm(verb, of: test, gate: gate) else { return nil }
        try await stage.play(story, with: worker)
        switch fault.extent {
        case .once: break
        case .minute: _ = try await stage.rest(with: worker, within: .seconds(60))
        case .lasting: _ = try await stage.rest(with: worker, within: .seconds(420))
        }
        let met = test.machines.calls(of: verb) - calls
        test.machines.heal()
        let recovery = try await stage.rest(with: worker, within: Self.recoveryLimit(after: fault))
        gate.open()
        await test.machines.lateCallsEnded()
        // What happened too late is seen by the sweeper.
        try await stage.notice()
        let settled = try await stage.rest(with: worker, within: Self.operationLimit)
        guard met > 0 else { return nil }
        var ledger = FaultLedger(fault.row)
        var breaches = try await stage.faults(after: story, mayFail: fault.mayFail)
        if met > Self.mostCalls { breaches.append("\(story.name): asked \(met) times, without a pause") }
        if recovery == nil || settled == nil { breaches.append("\(story.name): not at rest in time") }
        ledger.add(
            breaches: breaches.map { "\(fault.row) (\(fault.extent)) at \(verb): \($0)" },
            recovery: fault.isOver ? recovery ?? .zero : .zero)
        return ledger
    }

    /// More than anybody who pauses asks in seven minutes.
    private static let mostCalls = 500

    /// A guest may take half a minute to be asked, and then some to boot.
    private static let operationLimit = Duration.seconds(60)

    private static func recoveryLimit(after fault: EngineFault) -> Duration {
        fault.isOver ? FaultLedger.recoveryLimit : FaultLedger.recoveryLimit + operationLimit
    }
}

extension EngineFault {
    /// Whether the operation was well under way, or over, when the fault ended.
    fileprivate var isOver: Bool {
        switch extent {
        case .once: false
        case .minute, .lasting: true
        }
    }
}
