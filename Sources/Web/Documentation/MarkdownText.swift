/// The few marks that the API's description is written with, as HTML: paragraphs, lists, `code` and **strong**.
struct MarkdownText {
    let text: String

    var html: HTML {
        var pieces: [HTML] = []
        for block in text.split(separator: "\n\n") {
            let lines = block.split(separator: "\n")
            guard lines.contains(where: { $0.hasPrefix("- ") }) else {
                pieces.append("<p>\(Self.inline(lines.joined(separator: " ")))</p>")
                continue
            }
            let before = lines.prefix { !$0.hasPrefix("- ") }
            if !before.isEmpty { pieces.append("<p>\(Self.inline(before.joined(separator: " ")))</p>") }
            pieces.append(
                "<ul>\(Self.items(lines.dropFirst(before.count)).map { "<li>\(Self.inline($0))</li>" as HTML })</ul>")
        }
        return "\(pieces)"
    }

    /// A line that begins no item goes on with the one before.
    private static func items(_ lines: ArraySlice<Substring>) -> [String] {
        var items: [String] = []
        for line in lines {
            if line.hasPrefix("- ") {
                items.append(String(line.dropFirst(2)))
            } else if let last = items.indices.last {
                items[last] += " " + line.drop { $0 == " " }
            }
        }
        return items
    }

    static func inline(_ text: String) -> HTML {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        return "\(parts.map { $0.offset % 2 == 1 ? "<code>\(String($0.element))</code>" : strong($0.element) })"
    }

    private static func strong(_ text: Substring) -> HTML {
        let parts = text.split(separator: "**", omittingEmptySubsequences: false).enumerated()
        return "\(parts.map { $0.offset % 2 == 1 ? "<b>\(String($0.element))</b>" : "\(String($0.element))" as HTML })"
    }
}
