import Kernel

/// Says how far something is: on a terminal in one line that is rewritten, elsewhere in a line for each
/// change, but of words that change all the time only now and then.
struct ProgressLine {
    private let output: Standard
    private let isTerminal: Bool
    private var headline = ""
    private var shown = ""
    private var shownAt: Instant?

    private static let pause = Duration.seconds(5)

    init(on output: Standard) {
        self.output = output
        isTerminal = output.isTerminal
    }

    /// - Parameters:
    ///   - headline: a change of it is always shown.
    ///   - detail: words that may change often.
    mutating func show(_ headline: String, _ detail: String?, at now: Instant) {
        let line = LogText.plain(detail.map { "\(headline): \($0)" } ?? headline)
        guard line != shown else { return }
        let isNew = headline != self.headline
        if !isTerminal && !isNew, let shownAt, now - shownAt < Self.pause { return }
        // Return to the line's start, and erase what the longer line before left of itself.
        output.write(isTerminal ? "\r\u{1B}[K  \(line)" : "  \(line)\n")
        self.headline = headline
        shown = line
        shownAt = now
    }

    /// Ends a line that was rewritten.
    mutating func end() {
        if isTerminal && !shown.isEmpty { output.write("\n") }
        shown = ""
    }
}
