import Crypto
import Foundation

/// A piece of a page. Whatever is not written in our source can only be text, and text is escaped where it is written
/// out: no name of a customer's can become an element, an attribute or an address.
indirect enum HTML: Sendable {
    case text(String)
    /// Tag and attributes are our own.
    case element(StaticString, attributes: StaticString, [HTML])

    static func tag(_ name: StaticString, _ content: HTML...) -> HTML { .element(name, attributes: "", content) }

    static func tag(_ name: StaticString, _ text: String) -> HTML { .element(name, attributes: "", [.text(text)]) }

    static func tag(_ name: StaticString, _ attributes: StaticString, _ content: [HTML]) -> HTML {
        .element(name, attributes: attributes, content)
    }

    func write(to page: inout String) {
        switch self {
        case .text(let text): Self.escape(text, to: &page)
        case .element(let name, let attributes, let content):
            page += "<\(name)\(attributes.utf8CodeUnitCount > 0 ? " " : "")\(attributes)>"
            for piece in content { piece.write(to: &page) }
            page += "</\(name)>"
        }
    }

    /// Control characters, which no text of ours has, are left out.
    private static func escape(_ text: String, to page: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": page += "&amp;"
            case "<": page += "&lt;"
            case ">": page += "&gt;"
            case "\"": page += "&quot;"
            case "'": page += "&#39;"
            default:
                if scalar.properties.generalCategory != .control { page.unicodeScalars.append(scalar) }
            }
        }
    }
}

/// A whole page that loads nothing: its style is in it.
package struct HTMLPage: Hashable, Sendable {
    package let text: String

    init(title: String, style: StaticString, body: [HTML]) {
        var page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        HTML.tag("title", title).write(to: &page)
        page += "<style>\(style)</style></head><body>"
        for piece in body { piece.write(to: &page) }
        text = page + "</body></html>\n"
    }

    /// The source that a Content-Security-Policy has to admit for a page of this style, such as `sha256-…`.
    static func policySource(of style: StaticString) -> String {
        "sha256-" + Data(SHA256.hash(data: Data("\(style)".utf8))).base64EncodedString()
    }
}
