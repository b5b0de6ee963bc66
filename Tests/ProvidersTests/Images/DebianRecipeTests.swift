import Cloud
import Foundation
import Logging
import Providers
import Testing

@Suite
struct DebianRecipeTests {
    @Test func itsVersionIsItsContents() {
        let recipe = DebianRecipe()
        #expect(recipe.version == DebianRecipe().version)
        #expect(recipe.version.count == 16)
        #expect(DebianRecipe(packages: DebianRecipe.packages + ["nano"]).version != recipe.version)
    }

    @Test func saysWhatItsHostLacks() async throws {
        try await withDirectory { directory in
            let recipe = DebianRecipe(sources: directory)
            #expect(recipe.obstacle { _ in true } == "its host's package sources are not those of Debian 12")
            try Data("deb http://a.example/debian bookworm main".utf8).write(
                to: URL(fileURLWithPath: "\(directory)/sources.list"))
            #expect(recipe.obstacle { _ in true } == nil)
            let lacking = recipe.obstacle { $0 != "mmdebstrap" && $0 != "qemu-img" }
            #expect(lacking == "its host lacks mmdebstrap, qemu-img")
        }
    }
}

/// The real image, made here when the cache has none: minutes, once.
@Suite(.timeLimit(.minutes(30)))
struct DebianImageTests {
    private static func image() async throws -> BaseImage {
        let cache = ProcessInfo.processInfo.environment["CAIPORT_TEST_IMAGE_CACHE"] ?? ImageStore.defaultCache
        let store = ImageStore(cache: cache, logger: Logger(label: "test"))
        return try await eventually("the image", within: .seconds(1800)) {
            guard case .ready(let image) = try await store.obtain("debian-12") else { return nil }
            return image
        }
    }

    /// The files below one of the image's directories, by their paths.
    private static func files(below path: String, of image: BaseImage) async throws -> [String: String] {
        try await withDirectory { directory in
            let convert = ["convert", "-O", "raw", image.disk, "\(directory)/disk"]
            let raw = try await runProgram("qemu-img", convert, limit: .seconds(120))
            let dump = ["-R", "rdump \(path) \(directory)", "\(directory)/disk"]
            let dumped = try await runProgram("debugfs", dump, limit: .seconds(120))
            try #require(raw.succeeded && dumped.succeeded)
            let root = "\(directory)/\((path as NSString).lastPathComponent)"
            var texts: [String: String] = [:]
            for name in FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? [] {
                let file = "\(root)/\(name)"
                // A symbolic link is told by its destination.
                if let destination = try? FileManager.default.destinationOfSymbolicLink(atPath: file) {
                    texts["\(path)/\(name)"] = destination
                } else if let data = FileManager.default.contents(atPath: file) {
                    texts["\(path)/\(name)"] = String(decoding: data, as: UTF8.self)
                }
            }
            return texts
        }
    }

    @Test func knowsOnlyDebiansPublicArchive() async throws {
        let files = try await Self.files(below: "/etc", of: Self.image())
        let sources = files.filter { $0.key.hasPrefix("/etc/apt/sources.list") }
        #expect(sources.keys.sorted() == ["/etc/apt/sources.list"])
        #expect(
            sources.values.first == """
                deb http://deb.debian.org/debian bookworm main
                deb http://deb.debian.org/debian bookworm-updates main
                deb http://deb.debian.org/debian-security bookworm-security main

                """)
        let settings = files.filter { $0.key.hasPrefix("/etc/apt/") && !$0.key.contains("trusted.gpg") }
        // The build always tells apt where the host's credentials are: a trace of that is a trace of the host.
        for trace in ["netrc", "roxy", "Check-Valid-Until"] {
            #expect(settings.filter { $0.value.contains(trace) }.keys.sorted() == [])
        }
        #expect(files["/etc/hostname"] == "debian\n")
        #expect(files["/etc/resolv.conf"] == "nameserver 10.0.2.3\n")
    }

    @Test func hasNothingThatTwoGuestsMustNotShare() async throws {
        let image = try await Self.image()
        let files = try await Self.files(below: "/etc", of: image)
        #expect(files.keys.filter { $0.contains("ssh_host_") } == [])
        #expect(files["/etc/machine-id"] == "")
        let accounts = try #require(files["/etc/shadow"]).split(separator: "\n")
        let passwords = accounts.map { $0.split(separator: ":", omittingEmptySubsequences: false)[1] }
        #expect(Set(passwords).isSubset(of: ["*", "!", "!*"]))
        let state = try await Self.files(below: "/var/lib/systemd", of: image)
        #expect(state.keys.filter { $0.hasSuffix("random-seed") || $0.hasSuffix("credential.secret") } == [])
    }

    @Test func sendsNothingOfItself() async throws {
        let image = try await Self.image()
        let settings = try await Self.files(below: "/etc/systemd/system", of: image)
        for timer in ["apt-daily.timer", "apt-daily-upgrade.timer"] {
            #expect(settings["/etc/systemd/system/\(timer)"] == "/dev/null")
        }
        let units = try await Self.files(below: "/usr/lib/systemd/system", of: image)
        #expect(units["/usr/lib/systemd/system/ssh.service"] != nil)
        #expect(units["/usr/lib/systemd/system/systemd-timesyncd.service"] == nil)
    }
}
