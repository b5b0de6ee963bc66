import HTTPTypes

/// An error for a person with a browser. It loads nothing, so that it needs no exception from our policy.
struct ErrorPage {
    let status: HTTPResponse.Status
    let sentence: String
    let requestID: String

    var html: [UInt8] {
        let title = Self.escape("\(status.code) \(status.reasonPhrase)")
        return Array(
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title)</title></head>
            <body><h1>\(title)</h1><p>\(Self.escape(sentence)).</p>\
            <p><small>Request \(Self.escape(requestID))</small></p></body></html>

            """.utf8)
    }

    /// The same as a page of the site, which loads the site's style.
    var styled: [UInt8] {
        let title = "\(status.code) \(status.reasonPhrase)"
        let page = Shell.document(
            title: title,
            """
            <header class="top"><div class="wide"><a class="brand" href="/">\
            <span class="mark" aria-hidden="true"></span>\
            CAIport</a></div></header>
            <main id="main" class="wide"><div class="narrow card"><h1>\(title)</h1><p>\(sentence).</p>
            <p><a class="button" href="/home">Home</a></p>
            <p class="hint">Request <code>\(requestID)</code></p></div></main>
            """)
        return Array(page.text.utf8)
    }

    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
