import Cloud
import HTTPTypes

/// A server's serial console, which is looked at again by itself.
struct ConsolePages: Sendable {
    let servers: Servers

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        let server = try await servers.show(visit.exchange.id, of: account)
        let output = ConsoleText.plain(try await servers.console(of: visit.exchange.id, account: account))
        let body: HTML = """
            <p><a href="\(Link("/servers/\(server.id)"))">\(server.name)</a></p>
            <div class="head"><h1>Console of \(server.name)</h1></div>
            <section class="card" data-live><p class="soft">The last lines it printed. For a shell, sign in by SSH.</p>
            <div data-part="console"><span data-moving></span>\
            <pre class="console" tabindex="0" role="log" aria-label="Console output">\
            \(output.isEmpty ? "Nothing yet." : output)</pre></div></section>
            """
        return visit.page(Page("Console of \(server.name)", at: .servers, body))
    }
}

/// What a machine prints, without what steers terminals.
package enum ConsoleText {
    /// What fits on a page.
    private static let most = 24_000

    package static func plain(_ output: String) -> String {
        var text = ""
        var rest = output.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\u{1B}": dropSequence(&rest)
            case "\r": break
            default: text.unicodeScalars.append(scalar)
            }
        }
        guard text.unicodeScalars.count > most else { return text }
        let end = String(text.unicodeScalars.suffix(most))
        return String(end.drop { !$0.isNewline }.dropFirst())
    }

    /// An escape sequence as ECMA-48 has them: `ESC [`, parameters, and one letter; else one character.
    private static func dropSequence(_ rest: inout String.UnicodeScalarView.SubSequence) {
        guard rest.popFirst() == "[" else { return }
        while let scalar = rest.popFirst(), !(0x40...0x7E).contains(scalar.value) {}
    }
}
