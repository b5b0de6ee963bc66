import Foundation
import Testing

/// What can be read in the data directory and the log, and by whom.
@Suite(.serialized) struct SecrecyTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// All files and folders below, with their paths from there.
    private func entries(of directory: String) -> [String] {
        FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
    }

    @Test func everythingIsForItsOwnerOnly() async throws {
        try FileManager.default.createDirectory(atPath: scratch("data"), withIntermediateDirectories: true)
        chmod(scratch("data"), 0o755)
        let daemon = try await Daemon(in: scratch, ["--demo"])
        try await eventually("the demonstration ends") { daemon.program.output.contains("Stop the daemon") }
        let entries = entries(of: daemon.directory)
        #expect(Set(entries).isSuperset(of: ["lock", "installation.json", "caiport.db", "listen", "demo/api-key"]))
        #expect(try permissions(daemon.directory) == 0o700)
        for entry in entries {
            let path = "\(daemon.directory)/\(entry)"
            var attributes = stat()
            try #require(lstat(path, &attributes) == 0, "\(entry)")
            let isFolder = attributes.st_mode & S_IFMT == S_IFDIR
            // A public key is for everybody; ssh-keygen says so itself.
            if entry.hasSuffix(".pub") { continue }
            #expect(try permissions(path) == (isFolder ? 0o700 : 0o600), "\(entry)")
        }
    }

    @Test func noSecretIsWrittenDown() async throws {
        let daemon = try await Daemon(in: scratch, ["--demo", "--log-level", "trace"])
        try await eventually("the demonstration ends") { daemon.program.output.contains("Stop the daemon") }
        let password = "canary-password-7f3a"
        let customer = try await daemon.customer(password: password)
        let server = try await customer.api.deploy()
        _ = try await customer.api("GET", "/v1/servers/\(customer.key)")
        _ = try await customer.api("POST", "/v1/servers", #"{"plan":"\#(customer.key)"}"#)
        _ = try await API(url: daemon.url, key: customer.key + "0")("GET", "/v1/account")
        _ = try await customer.api("DELETE", "/v1/servers/\(server)")
        let demo = try ["api-key", "password"].map { name in
            try String(contentsOf: URL(fileURLWithPath: "\(daemon.directory)/demo/\(name)"), encoding: .utf8)
                .trimmingCharacters(in: .newlines)
        }
        let secrets = [password, customer.key] + demo
        #expect(secrets.allSatisfy { $0.count >= 16 })

        // A clean end would empty the write-ahead log.
        try await daemon.kill()
        let log = FileManager.default.contents(atPath: "\(daemon.directory)/caiport.db-wal")
        #expect((log?.count ?? 0) > 0)
        for secret in secrets {
            #expect(!daemon.program.output.contains(secret))
            #expect(!daemon.program.errorOutput.contains(secret))
        }
        // Whole files as they lie on the disk, the write-ahead log among them.
        for entry in entries(of: daemon.directory) where !entry.hasPrefix("demo") {
            guard let bytes = FileManager.default.contents(atPath: "\(daemon.directory)/\(entry)") else { continue }
            for secret in secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(entry)") }
        }
    }
}
