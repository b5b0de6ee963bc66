import Logging
import Synchronization

/// What was logged, for tests of what operators are told.
package final class Log: Sendable {
    package struct Line: Sendable {
        package let level: Logger.Level
        package let text: String
        package let metadata: [String: String]
    }

    private let all = Mutex<[Line]>([])

    package init() {}

    package var lines: [Line] { all.withLock { $0 } }

    /// The lines of this level.
    package func lines(_ level: Logger.Level) -> [Line] { lines.filter { $0.level == level } }

    package var logger: Logger {
        Logger(label: "test") { _ in Handler(log: self) }
    }

    private struct Handler: LogHandler {
        let log: Log
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let words = metadata.merging(event.metadata ?? [:]) { _, new in new }.mapValues { "\($0)" }
            log.all.withLock { $0.append(Line(level: event.level, text: "\(event.message)", metadata: words)) }
        }
    }
}
