import Cloud
import Fakes
import Kernel
import Testing

/// The decision alone: rows and machines in, acts out.
@Suite struct SweepPlanTests {
    private let randomness = SeededRandomness(seed: 7)
    private let now = Instant(microseconds: 1_790_000_000_000_000)

    private func server(
        _ state: ServerState, _ desired: DesiredState = .running, age: Duration = .zero
    ) -> ServerStanding {
        ServerStanding(
            id: ServerID(from: randomness), engine: "qemu", state: state, desired: desired, createdAt: now - age)
    }

    private func inspection(
        _ servers: [ServerStanding], after: [ServerStanding]? = nil,
        machines: [ServerID: Sighting.Condition] = [:], strangers: [ServerID: Inspection.Stranger] = [:],
        work: [String: OpenWork] = [:], finished: [String: String] = [:], isBlind: Bool = false
    ) -> Inspection {
        Inspection(
            before: Roster(servers: servers),
            after: Roster(servers: after ?? servers, work: work, finished: finished),
            sightings: isBlind ? [:] : ["qemu": machines],
            blind: isBlind ? ["qemu": MachineError(.broken, "out of sight")] : [:], strangers: strangers, now: now)
    }

    private func plan(
        _ inspection: Inspection, _ memory: SweepMemory = SweepMemory(), at elapsed: Duration = .zero
    ) -> SweepPlan {
        SweepPlan(inspection, memory, elapsed: elapsed)
    }

    @Test func bringsBackWhatShouldRunTheOldestFirst() {
        let young = server(.running)
        let old = server(.running, age: .seconds(60))
        let oldest = server(.running, age: .seconds(3600))
        let well = server(.running, age: .seconds(7200))
        let plan = plan(
            inspection([young, old, oldest, well], machines: [young.id: .dead, old.id: .off, well.id: .on]))
        #expect(plan.recoveries.map(\.server) == [oldest.id, old.id, young.id])
        #expect(plan.recoveries.map(\.seen) == [nil, .off, .dead])
        #expect(plan.ends.isEmpty && plan.destructions.isEmpty && plan.beyond.isEmpty)
    }

    @Test func leavesAloneWhatIsWorkedOn() {
        let running = server(.running)
        let stopped = server(.stopped, .stopped)
        let gone = server(.terminated, .gone)
        let all = [running, stopped, gone]
        let machines: [ServerID: Sighting.Condition] = [running.id: .dead, stopped.id: .on, gone.id: .on]
        let work = Dictionary(
            uniqueKeysWithValues: all.map { ($0.id.text, OpenWork(kind: "stop-server", step: "shut-down")) })
        let finished = Dictionary(
            uniqueKeysWithValues: all.enumerated().map { ("wf_\($0.offset)", $0.element.id.text) })
        for inspection in [
            inspection(all, machines: machines, work: work),
            inspection(all, machines: machines, finished: finished),
            inspection([], after: all, machines: machines),
        ] {
            let plan = plan(inspection)
            #expect(plan.recoveries.isEmpty && plan.ends.isEmpty && plan.destructions.isEmpty)
        }
        let restless = [server(.pending), server(.provisioning), server(.stopping, .stopped)]
        #expect(plan(inspection(restless)).recoveries.isEmpty)
    }

    @Test func cutsThePowerOfAMachineThatWasOnAMinuteBeforeAndItsServerIsStopped() {
        let stopped = server(.stopped, .stopped)
        let on = inspection([stopped], machines: [stopped.id: .on])
        let first = plan(on, at: .seconds(100))
        #expect(first.ends.isEmpty)
        #expect(first.fresh == [SweepPlan.End(machine: stopped.id, engine: "qemu", reason: .stopped)])
        #expect(plan(on, first.memory, at: .seconds(159)).ends.isEmpty)
        #expect(plan(on, first.memory, at: .seconds(160)).ends == first.fresh)
        for condition: Sighting.Condition in [.off, .dead] {
            let between = plan(
                inspection([stopped], machines: [stopped.id: condition]), first.memory, at: .seconds(130))
            #expect(between.ends.isEmpty)
            #expect(plan(on, between.memory, at: .seconds(160)).ends.isEmpty)
        }
    }

    @Test func removesAgainWhatNobodyIsRemoving() {
        let gone = server(.terminated, .gone)
        let plan = plan(inspection([gone], machines: [gone.id: .on]))
        #expect(plan.destructions == [gone.id])
        #expect(plan.ends.isEmpty)
    }

    @Test func endsAnOrphanThatWasThereAMinuteBefore() {
        let orphan = ServerID(from: randomness)
        let seen = inspection([], machines: [orphan: .on], strangers: [orphan: .unknown])
        let first = plan(seen, at: .seconds(100))
        #expect(first.ends.isEmpty)
        #expect(first.fresh.map(\.machine) == [orphan])
        let second = plan(seen, first.memory, at: .seconds(159))
        #expect(second.ends.isEmpty && second.fresh.isEmpty)
        let third = plan(seen, second.memory, at: .seconds(160))
        #expect(third.ends == [SweepPlan.End(machine: orphan, engine: "qemu", reason: .unknown)])
    }

    @Test func anOrphanThatWasAwayInBetweenIsNew() {
        let orphan = ServerID(from: randomness)
        let seen = inspection([], machines: [orphan: .on], strangers: [orphan: .removed])
        let first = plan(seen)
        let away = plan(inspection([]), first.memory, at: .seconds(30))
        #expect(away.memory.suspects.isEmpty)
        #expect(plan(seen, away.memory, at: .seconds(60)).ends.isEmpty)
    }

    @Test func knowsNothingOfAnEngineItDoesNotSee() {
        let orphan = ServerID(from: randomness)
        let running = server(.running)
        let first = plan(
            inspection([running], machines: [running.id: .on, orphan: .on], strangers: [orphan: .unknown]))
        let blind = plan(inspection([running], isBlind: true), first.memory, at: .seconds(60))
        #expect(blind.recoveries.isEmpty && blind.ends.isEmpty)
        #expect(blind.memory.suspects == first.memory.suspects)
    }

    @Test func aMachineThatMovesIsNoOrphan() {
        let id = ServerID(from: randomness)
        let plan = plan(inspection([], machines: [id: .on], strangers: [id: .moving]))
        #expect(plan.memory.suspects.isEmpty && plan.fresh.isEmpty)
    }

    @Test func endsFiveInAllAndLetsThoseThatStayWaitForTheOthers() {
        let stopped = (0..<3).map { _ in server(.stopped, .stopped) }
        let orphans = (0..<9).map { _ in ServerID(from: randomness) }
        let seen = inspection(
            stopped,
            machines: Dictionary(uniqueKeysWithValues: (stopped.map(\.id) + orphans).map { ($0, .on) }),
            strangers: Dictionary(uniqueKeysWithValues: orphans.map { ($0, .unknown) }))
        let first = plan(seen)
        #expect(first.ends.isEmpty && first.fresh.count == 12)
        var memory = first.memory
        var ended: Set<ServerID> = []
        for pass in 1...3 {
            let plan = plan(seen, memory, at: .seconds(60 + pass))
            #expect(plan.ends.count == 5)
            #expect(plan.beyond.count == 7)
            ended.formUnion(plan.ends.map(\.machine))
            memory = plan.memory
        }
        #expect(ended == Set(stopped.map(\.id) + orphans))
    }
}
