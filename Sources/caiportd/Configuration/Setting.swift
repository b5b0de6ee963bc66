import Cloud

/// One thing an operator can set: by a flag, an environment variable, the configuration file, or not at all.
struct Setting<Value: Sendable>: AnySetting {
    let name: String
    let placeholder: String
    let help: String
    let form: SettingForm
    let isSecret: Bool
    let fallback: @Sendable (Surroundings) -> String
    let parse: @Sendable (String) throws(BadValue) -> Value

    /// - Parameters:
    ///   - name: as on the command line, without the dashes.
    ///   - fallback: the default, as it would be typed; the empty text means "none".
    init(
        _ name: String, _ placeholder: String, _ help: String, form: SettingForm = .text, isSecret: Bool = false,
        fallback: @escaping @Sendable (Surroundings) -> String,
        parse: @escaping @Sendable (String) throws(BadValue) -> Value
    ) {
        self.name = name
        self.placeholder = placeholder
        self.help = help
        self.form = form
        self.isSecret = isSecret
        self.fallback = fallback
        self.parse = parse
    }

    init(
        _ name: String, _ placeholder: String, _ help: String, form: SettingForm = .text, isSecret: Bool = false,
        fallback: String, parse: @escaping @Sendable (String) throws(BadValue) -> Value
    ) {
        self.init(
            name, placeholder, help, form: form, isSecret: isSecret, fallback: { _ in fallback }, parse: parse)
    }

    func check(_ text: String) throws(BadValue) {
        _ = try parse(text)
    }
}

/// A setting whatever its type.
protocol AnySetting: Sendable {
    var name: String { get }
    var placeholder: String { get }
    var help: String { get }
    var form: SettingForm { get }
    /// Whether its value may hold a password and is masked wherever it is shown.
    var isSecret: Bool { get }
    var fallback: @Sendable (Surroundings) -> String { get }

    func check(_ text: String) throws(BadValue)
}

extension AnySetting {
    /// `CAIPORT_DATA_DIR` for `data-dir`.
    var variable: String {
        "CAIPORT_" + name.uppercased().replacing("-", with: "_")
    }
}

/// What a setting is written as in the configuration file.
enum SettingForm: Sendable {
    case text
    case number
    /// `on` and `off`; true and false in the file.
    case onOff
}

/// What a default may depend on.
struct Surroundings: Sendable {
    let isRoot: Bool
    let environment: [String: String]
    /// Whether the demonstration was asked for.
    let isDemo: Bool

    /// A folder of our own under a variable's folder, or under the home directory's.
    func ownFolder(_ variable: String, orHome folder: String) -> String {
        let base = environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (base ?? "\(environment["HOME"] ?? "/root")/\(folder)") + "/caiport"
    }
}

/// Why a text is no value of a setting; the rule completes "this …".
struct BadValue: Error {
    let rule: String
}

/// How texts become values.
enum Parse {
    @Sendable static func text(_ text: String) throws(BadValue) -> String {
        guard !text.isEmpty else { throw BadValue(rule: "must not be empty") }
        return text
    }

    @Sendable static func optionalText(_ text: String) throws(BadValue) -> String? {
        text.isEmpty ? nil : text
    }

    /// For what customers are shown: nothing that steers a terminal, or turns or hides text.
    @Sendable static func optionalShownText(_ text: String) throws(BadValue) -> String? {
        if text.isEmpty { return nil }
        guard Label.isValid(text, atMost: 200) else { throw BadValue(rule: "must be at most 200 visible characters") }
        return text
    }

    /// Such lines, separated by semicolons.
    static func shownLines(atMost count: Int) -> @Sendable (String) throws(BadValue) -> [String] {
        { text throws(BadValue) in
            let lines = text.split(separator: ";").map { String($0.trimmingPrefix(while: \.isWhitespace)) }
                .filter { !$0.isEmpty }
            guard lines.count <= count, lines.allSatisfy({ Label.isValid($0, atMost: 200) }) else {
                throw BadValue(rule: "must be at most \(count) lines of at most 200 visible characters")
            }
            return lines
        }
    }

    @Sendable static func onOff(_ text: String) throws(BadValue) -> Bool {
        switch text {
        case "on": return true
        case "off": return false
        default: throw BadValue(rule: "must be on or off")
        }
    }

    static func number(in range: ClosedRange<Int>) -> @Sendable (String) throws(BadValue) -> Int {
        { text throws(BadValue) in
            let isPlain = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard isPlain, let number = Int(text), range.contains(number) else {
                throw BadValue(rule: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    static func choice<Choice: RawRepresentable<String> & Sendable>(
        _ choices: [Choice]
    ) -> @Sendable (String) throws(BadValue) -> Choice {
        { text throws(BadValue) in
            guard let choice = choices.first(where: { $0.rawValue == text }) else {
                throw BadValue(rule: "must be " + choices.map(\.rawValue).joined(separator: " or "))
            }
            return choice
        }
    }
}
