import Cloud
import Wire

/// What `caiportd check` prints.
enum CheckText {
    /// A line for each invariant: `ok`, `moving` or `BROKEN`, its id, what must be true, and what is not so.
    static func lines(_ report: CheckReport) -> String {
        let width = report.verdicts.map(\.id.count).max() ?? 0
        return report.verdicts.map { verdict in
            let word = verdict.status == .broken ? "BROKEN" : verdict.status.rawValue
            var line = "\(padded(word, 6))  \(padded(verdict.id, width))  \(verdict.sentence)"
            if verdict.broken.count > 0 { line += "; broken: \(list(verdict.broken))" }
            if verdict.moving.count > 0 { line += "; moving: \(list(verdict.moving))" }
            return LogText.plain(line) + "\n"
        }.joined()
    }

    private static func list(_ finding: CheckReport.Finding) -> String {
        let shown = finding.shown.map { "\($0.subject) (\($0.words))" }.joined(separator: ", ")
        let rest = finding.count - finding.shown.count
        return "\(finding.count): \(shown)" + (rest > 0 ? ", and \(rest) more" : "")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Keys and ids never change; new ones may be added.
    static func json(_ report: CheckReport) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("ok", report.isSound)
            writer.key("invariants")
            writer.array { writer in
                for verdict in report.verdicts { write(verdict, to: &writer) }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    static func json(about sentence: String) -> String {
        var writer = JSONWriter()
        writer.object { $0.field("error", sentence) }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    private static func write(_ verdict: CheckReport.Verdict, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("id", verdict.id)
            writer.field("sentence", verdict.sentence)
            writer.field("status", verdict.status.rawValue)
            writer.field("broken_count", verdict.broken.count)
            writer.key("broken")
            write(verdict.broken.shown, to: &writer)
            writer.field("moving_count", verdict.moving.count)
            writer.key("moving")
            write(verdict.moving.shown, to: &writer)
        }
    }

    private static func write(_ breaches: [CheckReport.Breach], to writer: inout JSONWriter) {
        writer.array { writer in
            for breach in breaches {
                writer.object { writer in
                    writer.field("id", breach.subject)
                    writer.field("what", breach.words)
                }
            }
        }
    }
}
