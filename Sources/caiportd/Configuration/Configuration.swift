import Foundation

/// Every setting with its value, and where the value came from: a flag goes before the environment, that
/// before the configuration file, and that before the default.
struct Configuration: Sendable {
    /// In the order of the table.
    let entries: [Entry]
    /// Variables that look like ours and are not; somebody may have mistyped one.
    let unknownVariables: [String]

    struct Entry: Sendable {
        let setting: any AnySetting
        let text: String
        let origin: Origin

        /// The value as it may be shown.
        var shown: String { setting.isSecret ? DatabaseAddress.masked(text) : text }
    }

    enum Origin: Hashable, Sendable, CustomStringConvertible {
        case flag
        case environment(String)
        case file(String)
        case fallback

        /// The lower goes before the higher.
        fileprivate var rank: Int {
            switch self {
            case .flag: 0
            case .environment: 1
            case .file: 2
            case .fallback: 3
            }
        }

        var description: String {
            switch self {
            case .flag: "flag"
            case .environment(let name): "environment \(name)"
            case .file(let path): "file \(path)"
            case .fallback: "default"
            }
        }
    }

    /// - Throws: `Complaint` for a value that is none, and for a configuration file that cannot be used.
    init(flags: [(any AnySetting, String?)], environment: [String: String]) throws {
        let flags = Dictionary(
            flags.compactMap { setting, text in text.map { (setting.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        func given(_ setting: some AnySetting) -> (String, Origin)? {
            if let text = flags[setting.name] { return (text, .flag) }
            // An empty variable is one that a script meant to leave out.
            guard let text = environment[setting.variable], !text.isEmpty else { return nil }
            return (text, .environment(setting.variable))
        }
        let path = given(Settings.config)?.0 ?? ""
        let file = path.isEmpty ? [:] : try ConfigurationFile(path: path).texts
        func found(_ setting: some AnySetting) -> (String, Origin)? {
            given(setting) ?? file[setting.name].map { ($0, .file(path)) }
        }
        let surroundings = Surroundings(
            isRoot: geteuid() == 0, environment: environment, isDemo: found(Settings.demo)?.0 == "on")
        entries = try Settings.all.map { setting in
            let (text, origin) = found(setting) ?? (setting.fallback(surroundings), .fallback)
            let entry = Entry(setting: setting, text: text, origin: origin)
            try Self.check(entry)
            return entry
        }
        unknownVariables = Self.unknownVariables(in: environment)
    }

    subscript<Value>(_ setting: Setting<Value>) -> Value {
        get throws {
            guard let entry = entries.first(where: { $0.setting.name == setting.name }) else {
                throw Complaint("The setting \(setting.name) is not in the table")
            }
            return try setting.parse(entry.text)
        }
    }

    /// Says which of two settings goes before the other: the one with the lower rank.
    func rank(of setting: some AnySetting) -> Int {
        (entries.first { $0.setting.name == setting.name }?.origin ?? .fallback).rank
    }

    private static func check(_ entry: Entry) throws {
        do throws(BadValue) {
            try entry.setting.check(entry.text)
        } catch {
            let place =
                switch entry.origin {
                case .flag, .fallback: "--\(entry.setting.name)"
                case .environment(let name): "The environment variable \(name)"
                case .file(let path): "\"\(entry.setting.name)\" in \(path)"
                }
            let value = entry.setting.isSecret ? "" : "; it is \"\(entry.text)\""
            throw Complaint("\(place) \(error.rule)\(value)")
        }
    }

    private static func unknownVariables(in environment: [String: String]) -> [String] {
        let known = Set(Settings.all.map(\.variable))
        return environment.keys.filter { name in
            name.hasPrefix("CAIPORT_") && !known.contains(name) && name != "CAIPORT_CRASH_AT"
                && !name.hasPrefix("CAIPORT_TEST_")
        }.sorted()
    }
}
