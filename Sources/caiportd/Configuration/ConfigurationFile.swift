import Foundation
import Wire

/// The configuration file: one JSON object whose keys are the settings' names.
struct ConfigurationFile {
    /// The values as they would be typed on the command line.
    let texts: [String: String]

    private static let largest = 1 << 20

    /// - Throws: `Complaint` that names the file, and the key at fault.
    init(path: String) throws {
        let bytes = try readFile(path, atMost: Self.largest, calledThe: "configuration file")
        let value: JSONValue
        do throws(JSONFault) {
            value = try JSONParser.parse(bytes)
        } catch {
            throw Complaint("The configuration file \(path) is not JSON: \(error)")
        }
        guard case .object(let members) = value else {
            throw Complaint("The configuration file \(path) must hold one JSON object, such as {\"listen\": \"…\"}")
        }
        let known = Settings.all.filter { $0.name != Settings.config.name }
        var texts: [String: String] = [:]
        for member in members {
            guard let setting = known.first(where: { $0.name == member.name }) else {
                throw Complaint("\"\(member.name)\" in \(path) is no setting; `caiportd config` lists all there are")
            }
            texts[member.name] = try Self.text(of: member.value, for: setting, in: path)
        }
        self.texts = texts
    }

    private static func text(of value: JSONValue, for setting: any AnySetting, in path: String) throws -> String? {
        switch (setting.form, value) {
        case (_, .null): return nil
        case (.text, .string(let text)), (.onOff, .string(let text)): return text
        case (.onOff, .bool(let isOn)): return isOn ? "on" : "off"
        case (.number, .integer(let number)): return String(number)
        case (.text, _): throw Complaint("\"\(setting.name)\" in \(path) must be a string")
        case (.onOff, _): throw Complaint("\"\(setting.name)\" in \(path) must be \"on\" or \"off\", or true or false")
        case (.number, _): throw Complaint("\"\(setting.name)\" in \(path) must be a whole number")
        }
    }
}

/// The bytes of a small file.
/// - Parameter name: what the file is to an operator, for the complaint.
/// - Throws: `Complaint`.
func readFile(_ path: String, atMost limit: Int, calledThe name: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Complaint("Cannot read the \(name) \(path)", errno: errno) }
    defer { close(descriptor) }
    return try readAll(descriptor, atMost: limit, from: "the \(name) \(path)")
}

/// The bytes of a small file that nobody else may read: one of ours with no right for others, or one of root's that
/// only a group may read as well, as service managers hand credentials over. What is no file, such as a pipe, is taken.
/// - Parameter name: what the file is to an operator, for the complaint.
/// - Throws: `Complaint`.
func readSecretFile(_ path: String, atMost limit: Int, calledThe name: String) throws -> [UInt8] {
    var attributes = stat()
    if stat(path, &attributes) == 0, attributes.st_mode & S_IFMT == S_IFREG {
        let excess = attributes.st_mode & (attributes.st_uid == 0 ? 0o037 : 0o077)
        guard excess == 0 else {
            throw Complaint("The \(name) \(path) can be read by others: run chmod 600 \(path)")
        }
    }
    return try readFile(path, atMost: limit, calledThe: name)
}

/// Everything up to the end of a stream.
/// - Throws: `Complaint`.
func readAll(_ descriptor: Int32, atMost limit: Int, from name: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count == 0 { return bytes }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw Complaint("Cannot read \(name)", errno: errno) }
        bytes.append(contentsOf: buffer.prefix(count))
        guard bytes.count <= limit else { throw Complaint("Cannot read \(name): it is larger than \(limit) bytes") }
    }
}
