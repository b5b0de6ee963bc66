import Cloud
import Fakes
import Foundation
import Kernel
import Logging
import Providers
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ImageStoreTests {
    private static func store(
        _ cache: String, _ recipe: ScriptedRecipe, time: any Timekeeper = SystemTime()
    ) -> ImageStore {
        ImageStore(cache: cache, recipes: [recipe], time: time, logger: Logger(label: "test"))
    }

    private static func ready(_ store: ImageStore) async throws -> BaseImage {
        try await eventually("the image") {
            guard case .ready(let image) = try await store.obtain("debian-12") else { return nil }
            return image
        }
    }

    /// As another daemon would.
    private static func lock(_ path: String) throws -> FileLock {
        guard let lock = try FileLock(path: path) else { throw NeverCame(what: path) }
        return lock
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func saysWhyAnImageIsNotOffered() async throws {
        try await withDirectory { cache in
            let store = Self.store(cache, ScriptedRecipe())
            #expect(
                store.availability(of: "ubuntu-22")
                    == .unavailable(reason: "Ubuntu 22.04 LTS is not offered by this installation yet"))
            #expect(store.availability(of: "debian-12") == .available)
            await #expect(throws: MachineError.self) { try await store.obtain("ubuntu-22") }
            let left = try FileManager.default.contentsOfDirectory(atPath: cache)
            #expect(left == [])
        }
    }

    @Test func saysWhatTheHostLacks() async throws {
        try await withDirectory { cache in
            let recipe = ScriptedRecipe(obstacle: "its host lacks mmdebstrap")
            let store = Self.store(cache, recipe)
            #expect(
                store.availability(of: "debian-12")
                    == .unavailable(
                        reason: "Debian 12 cannot be made by this installation: its host lacks mmdebstrap"))
            await #expect(throws: MachineError.self) { try await store.obtain("debian-12") }
            #expect(recipe.builds == 0)
        }
    }

    @Test func callersShareOneBuildAndHearOfItsProgress() async throws {
        try await withDirectory { cache in
            let time = ManualTime()
            let gate = Gate()
            let recipe = ScriptedRecipe { _, _ in await gate.passed() }
            let store = Self.store(cache, recipe, time: time)
            _ = try await store.obtain("debian-12")
            _ = try await eventually("progress") { () -> Bool? in
                let said = "Building debian-12: installing packages"
                return try await store.obtain("debian-12") == .preparing(said) ? true : nil
            }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try? await store.obtain("debian-12") } }
            }
            gate.open()
            let image = try await Self.ready(store)
            #expect(recipe.builds == 1)
            #expect(try Self.text(image.disk) == "disk of build 0")
            #expect(image.commandLine == "root=/dev/vda")
            let mode = try FileManager.default.attributesOfItem(atPath: image.disk)[.posixPermissions] as? Int
            #expect(mode == 0o444)
        }
    }

    @Test func twoDaemonsOnOneCacheBuildOnce() async throws {
        try await withDirectory { cache in
            let recipes = [ScriptedRecipe(), ScriptedRecipe()]
            let stores = recipes.map { Self.store(cache, $0) }
            for store in stores { _ = try await store.obtain("debian-12") }
            let images = [try await Self.ready(stores[0]), try await Self.ready(stores[1])]
            #expect(images[0] == images[1])
            #expect(recipes[0].builds + recipes[1].builds == 1)
        }
    }

    @Test func startsAgainCleanlyAfterABuildThatWasKilled() async throws {
        try await withDirectory { cache in
            // Another daemon: it holds the lock, has half an image, and is killed.
            let half = "\(cache)/debian-12-1.partial-dead"
            try FileManager.default.createDirectory(atPath: half, withIntermediateDirectories: true)
            try Data("half a di".utf8).write(to: URL(fileURLWithPath: "\(half)/\(ImageFiles.disk)"))
            let other = try ChildProcess("flock", ["--no-fork", "\(cache)/debian-12-1.lock", "sleep", "1000"])
            _ = try await eventually("the other has the lock") { () -> Bool? in
                let probe = try await runProgram(
                    "flock", ["--nonblock", "\(cache)/debian-12-1.lock", "true"], limit: .seconds(10))
                return probe.succeeded ? nil : true
            }
            let recipe = ScriptedRecipe()
            let store = Self.store(cache, recipe)
            _ = try await eventually("waiting for the other build") { () -> Bool? in
                guard case .preparing(let said) = try await store.obtain("debian-12") else { return nil }
                return said.contains("waiting for another build") ? true : nil
            }
            #expect(recipe.builds == 0)
            other.signal(SIGKILL)
            #expect(try await other.end() == .signalled(SIGKILL))
            let image = try await Self.ready(store)
            #expect(try Self.text(image.disk) == "disk of build 0")
            let left = try FileManager.default.contentsOfDirectory(atPath: cache).sorted()
            #expect(left == ["debian-12-1", "debian-12-1.build.log", "debian-12-1.lock"])
        }
    }

    @Test func clearsWhatOlderRecipesLeftUnlessTheyAreStillBuilding() async throws {
        try await withDirectory { cache in
            for name in ["debian-12-0.partial-dead", "debian-12-00.partial-live"] {
                try FileManager.default.createDirectory(atPath: "\(cache)/\(name)", withIntermediateDirectories: true)
            }
            let lock = try Self.lock("\(cache)/debian-12-00.lock")
            _ = try await Self.ready(Self.store(cache, ScriptedRecipe()))
            withExtendedLifetime(lock) {}
            let left = try FileManager.default.contentsOfDirectory(atPath: cache)
            #expect(left.filter { $0.contains(".partial-") } == ["debian-12-00.partial-live"])
        }
    }

    @Test func waitsNoLongerForAnotherDaemonThanABuildMayTake() async throws {
        try await withDirectory { cache in
            let lock = try Self.lock("\(cache)/debian-12-1.lock")
            let time = ManualTime()
            let recipe = ScriptedRecipe()
            let store = Self.store(cache, recipe, time: time)
            let failure = try await eventually("the refusal") { () -> MachineError? in
                do {
                    _ = try await store.obtain("debian-12")
                    // Less than the pause after three failures lets pass.
                    time.advance(by: .seconds(200))
                    return nil
                } catch let error as MachineError {
                    return error
                }
            }
            withExtendedLifetime(lock) {}
            #expect(failure.kind == .imageUnavailable)
            #expect(failure.detail.contains("does not end"))
            #expect(recipe.builds == 0)
        }
    }

    @Test func keepsItsWorkshopFromOthers() async throws {
        try await withDirectory { cache in
            let recipe = ScriptedRecipe { workshop, _ throws(MachineError) in
                _ = try await workshop.run("sh", ["-c", "test $(stat -c %a .) = 700"])
            }
            let image = try await Self.ready(Self.store(cache, recipe))
            let folder = (image.disk as NSString).deletingLastPathComponent
            let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
            #expect(mode == 0o755)
        }
    }

    @Test func restsForFiveMinutesAfterThreeFailures() async throws {
        try await withDirectory { cache in
            let time = ManualTime()
            let recipe = ScriptedRecipe { workshop, before throws(MachineError) in
                guard before < 3 else { return }
                _ = try await workshop.run("sh", ["-c", "echo the mirror is down; exit 7"])
            }
            let store = Self.store(cache, recipe, time: time)
            let failure = try await eventually("the refusal") { () -> MachineError? in
                do {
                    _ = try await store.obtain("debian-12")
                    return nil
                } catch let error as MachineError {
                    return error
                }
            }
            #expect(failure.kind == .imageUnavailable)
            #expect(failure.detail.contains("the mirror is down"))
            #expect(recipe.builds == 3)
            let reason = "Debian 12 could not be made; this installation tries again in a few minutes"
            #expect(store.availability(of: "debian-12") == .unavailable(reason: reason))
            time.advance(by: .seconds(299))
            #expect(store.availability(of: "debian-12") == .unavailable(reason: reason))
            #expect(recipe.builds == 3)
            time.advance(by: .seconds(1))
            #expect(store.availability(of: "debian-12") == .available)
            _ = try await Self.ready(store)
            #expect(recipe.builds == 4)
            let left = try FileManager.default.contentsOfDirectory(atPath: cache).sorted()
            #expect(left == ["debian-12-1", "debian-12-1.build.log", "debian-12-1.lock"])
        }
    }

    @Test func anotherRecipeMakesAnotherImageAndKeepsTheFirst() async throws {
        try await withDirectory { cache in
            let first = try await Self.ready(Self.store(cache, ScriptedRecipe(version: "1")))
            let second = try await Self.ready(Self.store(cache, ScriptedRecipe(version: "2")))
            #expect(first.disk != second.disk)
            #expect(try Self.text(first.disk) == "disk of build 0")
        }
    }

    @Test func anImageThatMissesAFileIsMadeAgain() async throws {
        try await withDirectory { cache in
            let recipe = ScriptedRecipe()
            let store = Self.store(cache, recipe)
            let image = try await Self.ready(store)
            try FileManager.default.removeItem(atPath: image.kernel)
            #expect(try await Self.ready(store) == image)
            #expect(recipe.builds == 2)
        }
    }

    @Test func stoppingEndsTheBuildAndItsPrograms() async throws {
        try await withDirectory { cache in
            let word = "1000.\(UInt32.random(in: 0 ... .max))"
            let recipe = ScriptedRecipe { workshop, _ throws(MachineError) in
                let inside = Enclosure.wrap("sleep", [word])
                _ = try await workshop.run(inside.program, inside.arguments)
            }
            let store = Self.store(cache, recipe)
            _ = try await store.obtain("debian-12")
            _ = try await eventually("the program") { isRunning(word) ? true : nil }
            await store.stop()
            _ = try await eventually("the program's end") { isRunning(word) ? nil : true }
            _ = try await store.obtain("debian-12")
            #expect(recipe.builds == 1)
            let left = try FileManager.default.contentsOfDirectory(atPath: cache)
            #expect(left.filter { $0.contains("partial") } == [])
        }
    }
}
