import Cloud
import Fakes
import Kernel
import Testing
import Web

/// Somebody with a browser: it keeps cookies, follows forms, and says where they come from.
final class Browser: Sendable {
    let service: LiveService
    private let jar = Jar()

    init(_ service: LiveService) {
        self.service = service
    }

    var cookies: String { get async { await jar.line } }

    func cookie(_ name: String) async -> String? { await jar.value(name) }

    func set(_ name: String, _ value: String) async { await jar.set(name, value) }

    /// Where forms of ours come from.
    var here: String { "\(service.scheme)://127.0.0.1:\(service.port)" }

    @discardableResult
    func open(_ path: String) async throws -> LiveService.Reply {
        try await send("GET", path, headers: [("Accept", "text/html")], body: nil)
    }

    /// Fills the form of the page at `path` in and sends it as a browser does.
    @discardableResult
    func submit(
        _ path: String, _ fields: [(String, String)], from page: String? = nil
    ) async throws -> LiveService.Reply {
        let shown = try await open(page ?? path)
        let token = try #require(Self.value(of: "csrf", in: shown.body))
        return try await post(path, fields + [("csrf", token)])
    }

    @discardableResult
    func post(
        _ path: String, _ fields: [(String, String)], headers: [(String, String)]? = nil
    ) async throws -> LiveService.Reply {
        let usual = [
            ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", here), ("Sec-Fetch-Site", "same-origin"),
        ]
        return try await send("POST", path, headers: headers ?? usual, body: Self.encoded(fields))
    }

    private func send(
        _ method: String, _ path: String, headers: [(String, String)], body: String?
    ) async throws -> LiveService.Reply {
        let reply = try await service.send(
            method, path, headers: headers + [("Cookie", await jar.line), ("User-Agent", "Browser/1")], body: body)
        for header in reply.headers where header.name.lowercased() == "set-cookie" { await jar.take(header.value) }
        return reply
    }

    static func encoded(_ fields: [(String, String)]) -> String {
        fields.map { name, value in "\(percent(name))=\(percent(value))" }.joined(separator: "&")
    }

    private static func percent(_ text: String) -> String {
        text.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                ? String(Unicode.Scalar(byte)) : "%" + [byte].hex
        }.joined()
    }

    /// The value of a page's first field of this name.
    static func value(of name: String, in page: String) -> String? {
        guard let start = page.firstRange(of: "name=\"\(name)\" value=\"") else { return nil }
        return page[start.upperBound...].split(separator: "\"", omittingEmptySubsequences: false).first.map(String.init)
    }

    /// Gives an account, a new one unless one is named, the password `correct horse`, which costs next to nothing to
    /// check, and signs in to it.
    @discardableResult
    func signIn(
        _ email: String = "ada@example.com", to existing: AccountID? = nil
    ) async throws -> AccountID {
        let account = try await service.makePerson(email, of: existing)
        let reply = try await submit("/signin", [("email", email), ("password", "correct horse")])
        #expect(reply.status == 303 && reply.header("Location") == "/home", "\(reply.body)")
        return account
    }
}

extension LiveService {
    /// An account that may buy, with the password `correct horse` at N = 2: the real cost is for the hash's own tests.
    func makePerson(_ email: String, of existing: AccountID? = nil) async throws -> AccountID {
        var account = existing
        if account == nil { account = try await test.makeAccount() }
        let owner = try #require(account)
        let hash = "scrypt$1$8$1$AAECAwQFBgcICQoLDA0ODw==$OVHDwdOhNiflqt054Nm67qmMbmiK6BX0xGgPGAJO/tI="
        try await test.database.commit([
            Write("test.person", "UPDATE accounts SET email = \(email), password = \(hash) WHERE id = \(owner)")
        ])
        return owner
    }
}

private actor Jar {
    private var values: [String: String] = [:]

    var line: String { values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }

    func value(_ name: String) -> String? { values[name] }

    func set(_ name: String, _ value: String) { values[name] = value }

    func take(_ header: String) {
        let pair = header.split(separator: ";", omittingEmptySubsequences: false)[0]
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return }
        values[String(parts[0])] = parts[1].isEmpty ? nil : String(parts[1])
    }
}

/// Runs `body` with the service and no limit on how often an address signs in.
func withPages(
    _ kind: TestDatabase.Kind = .sqlite, _ body: @Sendable (LiveService) async throws -> Void
) async throws {
    var settings = LiveSettings(kind: kind)
    settings.web.rateLimits.signIns = GCRA(perHour: 100_000, burst: 1000)
    try await withLiveService(settings, body)
}
