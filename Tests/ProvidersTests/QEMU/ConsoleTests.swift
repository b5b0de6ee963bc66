import Cloud
import Foundation
import Kernel
import Logging
import Providers
import Testing

/// The console of a machine that is off: a file in its directory, whatever a guest printed.
@Suite struct ConsoleTests {
    @Test func showsTheLast64KiBAsValidText() async throws {
        try await withConsole { console in
            try console.print(String(repeating: "early ", count: 100_000) + "the last line\n")
            let text = try await console.text()
            #expect(text.utf8.count <= 65_536)
            #expect(text.utf8.count > 65_000)
            #expect(text.hasSuffix("early the last line\n"))
        }
    }

    @Test func cutsNoCharacterInTwo() async throws {
        for excess in 0..<4 {
            try await withConsole { console in
                try console.print(String(repeating: "🦊", count: 20_000) + String(repeating: ".", count: excess))
                let text = try await console.text()
                #expect(!text.contains("\u{FFFD}"))
                #expect(text.hasPrefix("🦊"))
                #expect(text.utf8.count <= 65_536)
            }
        }
    }

    @Test func staysWithinItsLimitWhenNothingIsText() async throws {
        try await withConsole { console in
            try console.print([UInt8](repeating: 0xFF, count: 100_000))
            let text = try await console.text()
            #expect(text.utf8.count <= 65_536)
            #expect(text.allSatisfy { $0 == "\u{FFFD}" })
        }
    }

    @Test func keepsItsEndButNotItsDiskWhenAGuestPrintsWithoutEnd() async throws {
        try await withConsole { console in
            try console.print((1...400_000).map { "line \($0)\n" }.joined())
            let before = try await console.text()
            #expect(try console.diskBytes() > 2 << 20)
            await console.machines.upkeep()
            #expect(try console.diskBytes() <= 256 << 10)
            #expect(try await console.text() == before)
            // A QEMU that appends goes on where it was.
            try console.print("line after\n")
            #expect(try await console.text().hasSuffix("line 400000\nline after\n"))
        }
    }

    @Test func leavesAShortLogAlone() async throws {
        try await withConsole { console in
            try console.print("short\n")
            await console.machines.upkeep()
            #expect(try await console.text() == "short\n")
        }
    }
}

private struct Console {
    let directory: String
    let machines: QEMUMachines
    let server = ServerID(from: SystemRandomness())

    var path: String { "\(directory)/machines/\(server)/guest/serial.log" }

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/caiport-console-" + SystemRandomness().bytes(4).hex
        machines = QEMUMachines(
            settings: QEMUSettings(dataDirectory: directory), images: testImages(), time: SystemTime(),
            randomness: SystemRandomness(), logger: Logger(label: "test"))
        try FileManager.default.createDirectory(
            atPath: "\(directory)/machines/\(server)/guest", withIntermediateDirectories: true)
    }

    func print(_ text: String) throws { try print(Array(text.utf8)) }

    func print(_ bytes: [UInt8]) throws {
        let raw = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(raw >= 0)
        let file = FileHandle(fileDescriptor: raw, closeOnDealloc: true)
        try file.write(contentsOf: Data(bytes))
    }

    func text() async throws -> String { try await machines.console(of: server) }

    func diskBytes() throws -> Int {
        var attributes = stat()
        try #require(stat(path, &attributes) == 0)
        return Int(attributes.st_blocks) * 512
    }
}

private func withConsole(_ body: (Console) async throws -> Void) async throws {
    let console = try Console()
    defer { try? FileManager.default.removeItem(atPath: console.directory) }
    try await body(console)
}
