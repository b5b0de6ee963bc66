import Foundation
import Providers
import Testing

@Suite
struct AptSourcesTests {
    private static func sources(_ files: [String: String]) async throws -> AptSources {
        try await withDirectory { directory in
            let parts = "\(directory)/sources.list.d"
            try FileManager.default.createDirectory(atPath: parts, withIntermediateDirectories: true)
            for (name, text) in files {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            }
            return AptSources(release: "bookworm", in: directory)
        }
    }

    @Test func readsBothForms() async throws {
        let sources = try await Self.sources([
            "sources.list": """
            # deb http://old.example/debian bookworm main
            deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://a.example/debian bookworm main non-free
            deb-src http://a.example/debian bookworm main
            """,
            "sources.list.d/more.sources": """
            Types: deb deb-src
            URIs: http://b.example/debian
            # a comment in a stanza
            Suites: bookworm-updates
              bookworm-backports
            Components: main

            Types: deb
            URIs: http://b.example/debian-security/
            Suites: bookworm-security
            Components: main contrib
            Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
            """,
        ])
        #expect(
            sources.lines == [
                "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://a.example/debian bookworm main",
                "deb http://b.example/debian bookworm-updates main",
                "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
                    + "http://b.example/debian-security/ bookworm-security main",
            ])
        #expect(sources.hold("bookworm"))
    }

    @Test(arguments: [
        "deb [signed-by=/etc/apt/keyrings/docker.asc] https://a.example/linux/debian bookworm main",
        "deb https://a.example/linux/debian bookworm stable",
        "deb https://apt.example bookworm main",
        "deb http://a.example/debian trixie main",
        "deb http://a.example/ubuntu jammy main",
        "deb cdrom:[Debian GNU/Linux 12.0]/debian bookworm main",
        "deb-src http://a.example/debian bookworm main",
        "deb http://a.example/debian",
    ])
    func leavesOutWhatIsNotDebiansOwnRelease(line: String) async throws {
        let sources = try await Self.sources(["sources.list": line, "sources.list.d/x.list.save": "deb x"])
        #expect(sources.lines.isEmpty)
        #expect(!sources.hold("bookworm"))
    }

    @Test(arguments: ["Enabled: no", "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc"])
    func leavesOutStanzas(field: String) async throws {
        let stanza = "Types: deb\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\n\(field)\n"
        #expect(try await Self.sources(["sources.list.d/x.sources": stanza]).lines.isEmpty)
    }

    @Test func updatesAloneAreNoRelease() async throws {
        let sources = try await Self.sources(["sources.list": "deb http://a.example/debian bookworm-updates main"])
        #expect(sources.lines.count == 1)
        #expect(!sources.hold("bookworm"))
    }
}
