import Cloud

/// How the sandbox treats a name: asked for by what its first label ends in, behind a hyphen.
enum SandboxWhim: String, CaseIterable {
    /// Held by somebody else, who would transfer it for `SandboxWhim.transferCode`.
    case taken
    /// The registry refuses it in the end.
    case refused
    /// The registry thinks for a minute.
    case slow
    /// The first answer is lost, though the order arrived.
    case lost
    /// The registrar is down for the first few times.
    case down
    case none = ""

    /// How often `down` fails.
    static let failures = 3
    static let slowness = Duration.seconds(60)
    /// What the holder of a taken name would say.
    static let transferCode = "sandbox-code"

    /// Names that people try first; in the sandbox, too, they belong to somebody.
    private static let known: Set<String> = ["google", "example", "amazon", "apple", "github", "wikipedia"]

    init(of name: DomainName) {
        let label = name.text.prefix { $0 != "." }
        if Self.known.contains(String(label)) {
            self = .taken
        } else {
            self = Self.allCases.first { $0 != .none && label.hasSuffix("-" + $0.rawValue) } ?? .none
        }
    }
}
