/// What the command line asks for.
struct Options {
    private(set) var seeds: ClosedRange<UInt64> = 1...300
    private(set) var isTraced = false
    private(set) var isVerbose = false
    private(set) var sabotage: Sabotage?
    /// Faults that are left out, to see which of them matters.
    private(set) var without: Set<Weather.Fault> = []

    struct Misunderstood: Error, CustomStringConvertible {
        let argument: String

        var description: String {
            """
            \(argument) is not understood
            usage: simulate [--seeds 1...300 | --seed N] [--trace] [--verbose]
                [--break \(Sabotage.allCases.map(\.rawValue).joined(separator: "|"))]
                [--without \(Weather.Fault.allCases.map(\.rawValue).joined(separator: "|"))] …
            """
        }
    }

    /// - Throws: `Misunderstood`.
    init(_ arguments: some Sequence<String>) throws(Misunderstood) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--trace": isTraced = true
            case "--verbose": isVerbose = true
            case "--seed":
                guard let seed = rest.popFirst().flatMap({ UInt64($0) }) else {
                    throw Misunderstood(argument: argument)
                }
                seeds = seed...seed
            case "--seeds":
                guard let range = rest.popFirst().flatMap(Self.range) else { throw Misunderstood(argument: argument) }
                seeds = range
            case "--break":
                guard let sabotage = rest.popFirst().flatMap(Sabotage.init) else {
                    throw Misunderstood(argument: argument)
                }
                self.sabotage = sabotage
            case "--without":
                guard let fault = rest.popFirst().flatMap(Weather.Fault.init) else {
                    throw Misunderstood(argument: argument)
                }
                without.insert(fault)
            default: throw Misunderstood(argument: argument)
            }
        }
    }

    private static func range(_ text: String) -> ClosedRange<UInt64>? {
        let ends = text.split(separator: "...", omittingEmptySubsequences: false).compactMap { UInt64($0) }
        guard ends.count == 2, ends[0] <= ends[1] else { return nil }
        return ends[0]...ends[1]
    }
}
