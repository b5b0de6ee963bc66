import Cloud
import Fakes
import Kernel

/// What an engine can do wrong at one of its verbs.
struct EngineFault: Sendable {
    enum Extent: Sendable {
        /// The first call.
        case once
        /// Every call for a minute.
        case minute
        /// Every call until the operation is over, or for seven minutes.
        case lasting
    }

    /// The row of the table it belongs to.
    let row: String
    let extent: Extent
    /// Whether the operation may end as a failure.
    let mayFail: Bool
    private let made: @Sendable (FaultyMachines.Verb, ManualTime, Gate) -> FaultyMachines.Fault?

    private init(
        _ row: String, _ extent: Extent, mayFail: Bool,
        _ made: @escaping @Sendable (FaultyMachines.Verb, ManualTime, Gate) -> FaultyMachines.Fault?
    ) {
        self.row = row
        self.extent = extent
        self.mayFail = mayFail
        self.made = made
    }

    /// Makes it; false when this verb cannot do it.
    /// - Parameter gate: opened when what is late may happen.
    func arm(_ verb: FaultyMachines.Verb, of test: TestCloud, gate: Gate) -> Bool {
        guard let fault = made(verb, test.time, gate) else { return false }
        switch extent {
        case .once: test.machines.next(verb, fault)
        case .minute, .lasting: test.machines.always(verb, fault)
        }
        return true
    }

    private static func refusing(
        _ row: String, _ kind: MachineError.Kind, _ extents: [Extent], mayFailOnce: Bool = false
    ) -> [EngineFault] {
        extents.map { extent in
            let mayFail =
                switch extent {
                case .once: mayFailOnce
                case .minute, .lasting: true
                }
            return EngineFault(row, extent, mayFail: mayFail) { _, _, _ in .refuse(MachineError(kind, "told to")) }
        }
    }

    private static func mistaken(
        _ row: String, _ extent: Extent, _ garble: @escaping @Sendable (Machine?) -> Machine?
    ) -> EngineFault {
        EngineFault(row, extent, mayFail: true) { verb, time, _ in
            guard verb == .observe else { return nil }
            return .mistake { machine in
                // Time passes for whoever asks again and again.
                time.advance(by: .milliseconds(50))
                return garble(machine)
            }
        }
    }

    private static let late = [
        EngineFault("engine late: answers after its caller gave up", .once, mayFail: false) { _, time, gate in
            .late(time, gate)
        }
    ]

    private static let never = [Extent.once, .minute, .lasting].map { extent in
        EngineFault("engine never answers", extent, mayFail: extent != .once) { _, time, _ in .silence(time) }
    }

    private static let twice = [
        EngineFault("engine does it twice", .lasting, mayFail: false) { _, _, _ in .twice }
    ]

    private static let doneThenTimedOut = [Extent.once, .minute].map { extent in
        EngineFault("engine does it, then times out", extent, mayFail: extent != .once) { _, _, _ in
            .happenThenThrow(MachineError(.unknownOutcome, "told to"))
        }
    }

    private static let garbage =
        refusing("engine answers garbage", .broken, [.once, .minute, .lasting])
        + [
            mistaken("engine answers garbage", .minute) { machine in
                machine.map { Machine(server: $0.server, power: .ready, address: MachineAddress(ip: "999.1.2")) }
            },
            mistaken("engine answers garbage", .minute) { machine in
                let other = ServerID("sv_00000000deadbeef") ?? machine?.server
                return other.map {
                    Machine(server: $0, power: .ready, address: MachineAddress(ip: "10.0.0.1", sshPort: 70_000))
                }
            },
            mistaken("engine answers garbage", .minute) { machine in
                machine.map { Machine(server: $0.server, power: .ready, address: nil) }
            },
        ]

    private static let invisible = [
        mistaken("machine invisible for a minute", .minute) { _ in nil }
    ]

    /// Every kind of fault, each in its extents.
    static let all =
        late + never + twice + doneThenTimedOut + garbage + invisible
        + refusing("engine throttles", .throttled, [.once, .minute])
        + refusing("engine full", .noCapacity, [.once, .minute, .lasting])
        + refusing("engine refuses", .refused, [.once, .lasting], mayFailOnce: true)
}
