import ArgumentParser
import Wire

/// Prints every setting, its value, and where the value came from.
struct PrintConfiguration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print every setting, its value and where it came from.")

    @OptionGroup var flags: SettingFlags
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let configuration = try flags.configuration()
        Standard.output.write(json ? Self.json(configuration) : Self.text(configuration))
        for name in configuration.unknownVariables {
            Standard.error.write("caiportd: warning: the environment variable \(name) is no setting\n")
        }
        _ = try ServeSettings(configuration)
    }

    private static func text(_ configuration: Configuration) -> String {
        let entries = configuration.entries
        let widths = (
            name: entries.map { $0.setting.name.count }.max() ?? 0, value: entries.map { shown($0).count }.max() ?? 0
        )
        return entries.map { entry in
            "\(padded(entry.setting.name, widths.name))  \(padded(shown(entry), widths.value))  \(entry.origin)\n"
        }.joined()
    }

    private static func shown(_ entry: Configuration.Entry) -> String {
        entry.shown.isEmpty ? "-" : entry.shown
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func json(_ configuration: Configuration) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            for entry in configuration.entries {
                writer.key(entry.setting.name)
                writer.object { writer in
                    writer.field("value", entry.shown.isEmpty ? nil : entry.shown)
                    writer.field("origin", "\(entry.origin)")
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}
