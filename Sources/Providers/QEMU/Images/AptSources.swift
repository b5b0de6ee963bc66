import Foundation

/// Where this host's apt gets Debian itself from: the entries for one release of Debian's own archive, and
/// none of anybody else's.
///
/// Reads both forms of sources.list(5): one line per entry (`*.list`), and deb822 (`*.sources`).
package struct AptSources: Hashable, Sendable {
    /// Entries in the one-line form, each with the one component `main`.
    package let lines: [String]

    /// Those of `release`, such as `bookworm`, its updates and its security archive.
    package init(release: String, in directory: String = "/etc/apt") {
        let parts = "\(directory)/sources.list.d"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: parts)) ?? []).sorted()
        let files =
            ["\(directory)/sources.list"]
            + names.filter { $0.hasSuffix(".list") || $0.hasSuffix(".sources") }.map { "\(parts)/\($0)" }
        let entries = files.flatMap { path -> [Entry] in
            guard let data = FileManager.default.contents(atPath: path) else { return [] }
            let text = String(decoding: data, as: UTF8.self)
            return path.hasSuffix(".sources") ? Self.stanzas(text) : Self.oneLiners(text)
        }
        let suites = [release, "\(release)-updates", "\(release)-security"]
        lines = entries.filter { $0.isDebian(in: suites) }.map(\.line)
    }

    /// Whether the release itself is among them, not only its updates.
    package func hold(_ release: String) -> Bool {
        lines.contains { $0.split(separator: " ").dropLast().last == Substring(release) }
    }

    struct Entry {
        var uri: String
        var suite: String
        var components: [String]
        var signedBy: String?

        var line: String {
            let options = signedBy.map { "[signed-by=\($0)] " } ?? ""
            return "deb \(options)\(uri) \(suite) main"
        }

        /// Somebody else's archive may use Debian's names of releases; it has its own key, or at least
        /// neither the component nor the path of Debian's.
        func isDebian(in suites: [String]) -> Bool {
            guard suites.contains(suite), components.contains("main"), !uri.hasPrefix("cdrom:") else { return false }
            if let signedBy { return signedBy.contains("debian-archive-") }
            return uri.split(separator: "/").contains { $0.hasPrefix("debian") }
        }
    }

    private static func oneLiners(_ text: String) -> [Entry] {
        text.split(separator: "\n").flatMap { line -> [Entry] in
            let code = line.prefix { $0 != "#" }
            var options: Substring = ""
            var rest = code
            if let opening = code.firstIndex(of: "["), let closing = code[opening...].firstIndex(of: "]") {
                options = code[code.index(after: opening)..<closing]
                rest = code[..<opening] + code[code.index(after: closing)...]
            }
            let words = rest.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard words.count >= 4, words[0] == "deb" else { return [] }
            let key = options.split(separator: " ").first { $0.lowercased().hasPrefix("signed-by=") }
            return [
                Entry(
                    uri: words[1], suite: words[2], components: Array(words[3...]),
                    signedBy: key.map { String($0.dropFirst("signed-by=".count)) })
            ]
        }
    }

    private static func stanzas(_ text: String) -> [Entry] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("#") }
        return lines.split { $0.allSatisfy(\.isWhitespace) }.flatMap { stanza -> [Entry] in
            let fields = fields(of: stanza)
            func words(_ name: String) -> [String] {
                (fields[name] ?? "").split { $0.isWhitespace }.map(String.init)
            }
            let isOff = ["no", "false", "0", "off", "without", "disable"].contains(fields["enabled"]?.lowercased())
            guard words("types").contains("deb"), !isOff else { return [] }
            // A key given in the file itself is somebody's own.
            let signedBy = fields["signed-by"].map { $0.contains("BEGIN PGP") ? "inline" : $0 }
            return words("uris").flatMap { uri in
                words("suites").map { suite in
                    Entry(uri: uri, suite: suite, components: words("components"), signedBy: signedBy)
                }
            }
        }
    }

    /// The fields of a stanza by their lower-case names; a folded field keeps its line breaks.
    private static func fields(of stanza: ArraySlice<Substring>) -> [String: String] {
        var fields: [String: String] = [:]
        var name = ""
        for line in stanza {
            if let first = line.first, first.isWhitespace {
                fields[name, default: ""] += "\n" + line.trimmingCharacters(in: .whitespaces)
            } else if let colon = line.firstIndex(of: ":") {
                name = line[..<colon].lowercased()
                fields[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return fields
    }
}
