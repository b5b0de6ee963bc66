import Cloud
import Testing

/// What a customer does with one server while something goes wrong, and where it ends.
struct Story: Hashable, Sendable, CustomTestStringConvertible {
    enum Act: Hashable, Sendable {
        case create(plan: String)
        case action(ServerAction)
        case destroy
        /// Nobody's act: the machine dies, and the sweeper notices.
        case death
    }

    struct End: Hashable, Sendable {
        let state: ServerState
        let plan: String
    }

    let name: String
    /// What was done before, and had come to rest.
    let before: [Act]
    let act: Act
    /// Whether the server is destroyed in the middle of the act.
    var isDestroyedMidway = false
    /// Where it ends when nothing goes wrong, or what went wrong passes.
    var end: End
    /// Where it may end as well when what went wrong lasted, with a failure that says so.
    var failures: Set<End>

    var testDescription: String { name }

    private init(
        _ name: String, after before: [Act], _ act: Act, endsAs end: End, orFailsAs failures: Set<End> = []
    ) {
        self.name = name
        self.before = before
        self.act = act
        self.end = end
        self.failures = failures
    }

    private var destroyedMidway: Story {
        var story = Story("\(name), destroyed midway", after: before, act, endsAs: end)
        story.end = End(state: .terminated, plan: end.plan)
        story.isDestroyedMidway = true
        return story
    }

    private static let plan = "standard"
    private static let larger = "pro"
    private static let running = End(state: .running, plan: plan)
    private static let stopped = End(state: .stopped, plan: plan)
    private static let made: [Act] = [.create(plan: plan)]
    private static let halted: [Act] = made + [.action(.stop(force: true))]

    static let create = Story(
        "create", after: [], .create(plan: plan), endsAs: running, orFailsAs: [End(state: .error, plan: plan)])
    static let destroy = Story("destroy", after: made, .destroy, endsAs: End(state: .terminated, plan: plan))
    static let recovery = Story("recovery", after: made, .death, endsAs: running, orFailsAs: [stopped])

    /// What happens to a server at work besides being made and ended.
    static let operations: [Story] = [
        Story("stop", after: made, .action(.stop(force: false)), endsAs: stopped),
        Story("stop by force", after: made, .action(.stop(force: true)), endsAs: stopped),
        Story("start", after: halted, .action(.start), endsAs: running, orFailsAs: [stopped]),
        Story("reboot", after: made, .action(.reboot(force: false)), endsAs: running, orFailsAs: [stopped]),
        Story("reboot by force", after: made, .action(.reboot(force: true)), endsAs: running, orFailsAs: [stopped]),
        Story(
            "resize up", after: made, .action(.resize(to: larger)), endsAs: End(state: .running, plan: larger),
            orFailsAs: [running, stopped]),
        Story(
            "resize down", after: [.create(plan: "memory-16")], .action(.resize(to: "compute-4")),
            endsAs: End(state: .running, plan: "compute-4"),
            orFailsAs: [End(state: .running, plan: "memory-16"), End(state: .stopped, plan: "memory-16")]),
        Story(
            "resize while stopped", after: halted, .action(.resize(to: larger)),
            endsAs: End(state: .stopped, plan: larger)),
        Story(
            "start with a new size", after: halted + [.action(.resize(to: larger))], .action(.start),
            endsAs: End(state: .running, plan: larger), orFailsAs: [End(state: .stopped, plan: larger)]),
    ]

    static let all: [Story] =
        [create, destroy, recovery] + operations + ([create, recovery] + operations).map(\.destroyedMidway)
}
