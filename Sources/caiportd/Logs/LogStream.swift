import Kernel
import Logging
import Wire

/// The log: one line for each event, on the standard error, written whole.
struct LogStream: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let format: LogFormat
    private let time: any Timekeeper
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes whole lines, with their end.
    init(
        format: LogFormat, level: Logger.Level, time: any Timekeeper,
        write: @escaping @Sendable (String) -> Void = { Standard.error.write($0) }
    ) {
        self.format = format
        self.logLevel = level
        self.time = time
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        let fields = all.map { ($0.key, "\($0.value)") }.filter { !$0.1.isEmpty }.sorted { $0.0 < $1.0 }
        let moment = Wire.Timestamp(seconds: time.now.seconds).text
        switch format {
        case .text: write(Self.text(moment, event.level, "\(event.message)", fields))
        case .json: write(Self.json(moment, event.level, "\(event.message)", fields))
        }
    }

    private static func text(
        _ moment: String, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        let word = level.rawValue
        var line = "\(moment) \(word)\(String(repeating: " ", count: max(1, 9 - word.count)))\(LogText.plain(message))"
        for (name, value) in fields { line += " \(LogText.plain(name))=\(LogText.value(value))" }
        return line + "\n"
    }

    private static func json(
        _ moment: String, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("time", moment)
            writer.field("level", level.rawValue)
            writer.field("message", LogText.plain(message))
            for (name, value) in fields where !["time", "level", "message"].contains(name) {
                writer.key(name)
                writer.string(LogText.plain(value))
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}

/// Text that cannot forge a line of the log or steer a terminal, wherever it came from.
enum LogText {
    private static let longest = 4000

    /// Everything but printable text and spaces is escaped: `\n`, `\u{1b}`.
    static func plain(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
        if isPlain && text.utf8.count <= longest { return text }
        var escaped = ""
        for scalar in text.unicodeScalars.prefix(longest) {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case "\\": escaped += "\\\\"
            case _ where isPrintable(scalar): escaped.unicodeScalars.append(scalar)
            default: escaped += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text.unicodeScalars.count > longest ? escaped + "…" : escaped
    }

    /// As `plain`, in quotes where a reader could not see where it ends.
    static func value(_ text: String) -> String {
        let plain = plain(text)
        let needsQuotes = plain.isEmpty || plain.utf8.contains { $0 == 0x20 || $0 == 0x3D || $0 == 0x22 }
        return needsQuotes ? "\"\(plain.replacing("\"", with: "\\\""))\"" : plain
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
