import Cloud
import Foundation
import Kernel
import Logging
import Synchronization

/// The base images of this host: each made once, in a directory whose name says by which recipe.
///
/// A build works in a directory of its own under a lock that all daemons of the host share, and is renamed
/// into place when it is whole. What a killed build left is cleared before the next. A finished image is
/// never written or removed: overlays stand on it.
package final class ImageStore: BaseImages {
    private struct State {
        var builds: [ImageID: Build] = [:]
        var failures: [ImageID: Failures] = [:]
        var obstacles: [ImageID: (found: String?, at: Duration)] = [:]
        var isStopped = false
    }

    private struct Build {
        var stage: String
        var task: Task<Void, Never>?
    }

    private struct Failures {
        var count = 0
        /// As `Timekeeper.elapsed`: a clock that is set must not lengthen the pause.
        var latest: Duration
        var detail: String
    }

    static let attempts = 3
    static let pause = Duration.seconds(300)
    static let buildLimit = Duration.seconds(1800)
    private static let obstaclesHold = Duration.seconds(30)
    /// Between the name of an image and what sets its builds apart.
    private static let partial = ".partial-"

    private let cache: String
    private let recipes: [ImageID: any ImageRecipe]
    private let catalogue: [Image]
    private let time: any Timekeeper
    private let randomness: any Randomness
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter cache: a directory, made when it is missing; `ImageStore.defaultCache` unless configured.
    package init(
        cache: String, recipes: [any ImageRecipe] = [DebianRecipe()],
        catalogue: [Image] = Catalogue.builtIn(engine: "qemu").images, time: any Timekeeper = SystemTime(),
        randomness: any Randomness = SystemRandomness(), logger: Logger
    ) {
        self.cache = cache
        self.recipes = Dictionary(uniqueKeysWithValues: recipes.map { ($0.image, $0) })
        self.catalogue = catalogue
        self.time = time
        self.randomness = randomness
        self.logger = logger
    }

    /// `/var/cache/caiport/images` for root, else the same in the user's cache folder.
    package static var defaultCache: String {
        if geteuid() == 0 { return "/var/cache/caiport/images" }
        let environment = ProcessInfo.processInfo.environment
        let home = environment["XDG_CACHE_HOME"] ?? "\(NSHomeDirectory())/.cache"
        return "\(home)/caiport/images"
    }

    package func availability(of image: ImageID) -> ImageAvailability {
        let name = catalogue.first { $0.id == image }?.name ?? image.text
        guard let recipe = recipes[image] else {
            return .unavailable(reason: "\(name) is not offered by this installation yet")
        }
        if finished(recipe) != nil { return .available }
        if failure(of: image) != nil {
            return .unavailable(reason: "\(name) could not be made; this installation tries again in a few minutes")
        }
        if let obstacle = obstacle(recipe) {
            return .unavailable(reason: "\(name) cannot be made by this installation: \(obstacle)")
        }
        return .available
    }

    /// The image, or word of the build under way, which this starts when there is none; callers share it.
    ///
    /// - Throws: `MachineError` `imageUnavailable`: the image is not offered, or three builds failed and the
    ///   pause after them is not over.
    package func obtain(_ image: ImageID) async throws(MachineError) -> ObtainedImage {
        if let recipe = recipes[image], let finished = finished(recipe) { return .ready(finished) }
        if let detail = failure(of: image) { throw MachineError(.imageUnavailable, detail) }
        guard let recipe = recipes[image], availability(of: image) == .available else {
            throw MachineError(.imageUnavailable, "\(image): \(availability(of: image))")
        }
        let build = state.withLock { state -> Build in
            if let build = state.builds[image] { return build }
            var build = Build(stage: "starting", task: nil)
            guard !state.isStopped else { return build }
            build.task = Task { await self.make(recipe) }
            state.builds[image] = build
            return build
        }
        return .preparing("Building \(image): \(build.stage)")
    }

    /// Ends the builds under way, with all their programs, and starts no more.
    package func stop() async {
        let tasks = state.withLock { state in
            state.isStopped = true
            return state.builds.values.compactMap(\.task)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}

extension ImageStore {
    private func directory(_ recipe: any ImageRecipe) -> String { "\(cache)/\(recipe.image)-\(recipe.version)" }

    /// The image when its directory stands whole: it came into place by a rename.
    private func finished(_ recipe: any ImageRecipe) -> BaseImage? {
        let directory = directory(recipe)
        guard ImageFiles.all.allSatisfy({ access("\(directory)/\($0)", R_OK) == 0 }) else { return nil }
        return BaseImage(
            disk: "\(directory)/\(ImageFiles.disk)", kernel: "\(directory)/\(ImageFiles.kernel)",
            initrd: "\(directory)/\(ImageFiles.initrd)", commandLine: recipe.commandLine)
    }

    /// Why no build may start now: too many have failed, too short a time ago.
    private func failure(of image: ImageID) -> String? {
        let now = time.elapsed
        return state.withLock { state in
            guard let failures = state.failures[image], failures.count >= Self.attempts else { return nil }
            guard now - failures.latest >= Self.pause else { return failures.detail }
            state.failures[image] = nil
            return nil
        }
    }

    private func obstacle(_ recipe: any ImageRecipe) -> String? {
        let now = time.elapsed
        let known = state.withLock { $0.obstacles[recipe.image] }
        if let known, now - known.at < Self.obstaclesHold { return known.found }
        let found = recipe.obstacle()
        state.withLock { $0.obstacles[recipe.image] = (found, now) }
        return found
    }

    private func make(_ recipe: any ImageRecipe) async {
        let began = time.elapsed
        do throws(MachineError) {
            try await buildUnderLock(recipe)
            logger.info(
                "image ready", metadata: ["image": "\(recipe.image)", "took": "\(spoken(time.elapsed - began))"])
            state.withLock { state in
                state.builds[recipe.image] = nil
                state.failures[recipe.image] = nil
            }
        } catch {
            let now = time.elapsed
            let wasStopped = state.withLock { state in
                state.builds[recipe.image] = nil
                guard !state.isStopped else { return true }
                let count = (state.failures[recipe.image]?.count ?? 0) + 1
                state.failures[recipe.image] = Failures(count: count, latest: now, detail: error.detail)
                return false
            }
            guard !wasStopped else { return }
            logger.error("image not made", metadata: ["image": "\(recipe.image)", "error": "\(error.detail)"])
        }
    }

    private func buildUnderLock(_ recipe: any ImageRecipe) async throws(MachineError) {
        do {
            try FileManager.default.createDirectory(
                atPath: cache, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            let deadline = time.elapsed + Self.buildLimit
            while true {
                if let lock = try FileLock(path: directory(recipe) + ".lock") {
                    // Another daemon may have made it while this one waited.
                    if finished(recipe) == nil { try await build(recipe) }
                    withExtendedLifetime(lock) {}
                    return
                }
                guard time.elapsed < deadline else {
                    throw MachineError(.imageUnavailable, "another build of it on this host does not end")
                }
                report("waiting for another build of it on this host", for: recipe.image)
                try await time.sleep(for: .milliseconds(500))
                if finished(recipe) != nil { return }
            }
        } catch let error as MachineError {
            throw error
        } catch {
            throw MachineError(.imageUnavailable, "\(cache): \(error)")
        }
    }

    /// The caller holds the lock.
    private func build(_ recipe: any ImageRecipe) async throws {
        let files = FileManager.default
        let whole = directory(recipe)
        try await sweep(recipe)
        // A new name each time: nothing that a killed build may have left running writes into it.
        let partial = "\(whole)\(Self.partial)\(randomness.bytes(4).hex)"
        // Closed to others: what apt is told there may hold the password of a proxy.
        try files.createDirectory(
            atPath: partial, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let workshop = ImageWorkshop(
            directory: partial, log: BuildLog(path: whole + ".build.log"), limit: Self.buildLimit
        ) { [weak self] stage in self?.report(stage, for: recipe.image) }
        do {
            try await recipe.build(in: workshop)
            report("putting it in place", for: recipe.image)
            try settle(partial, as: whole)
        } catch {
            await recipe.clear(partial)
            throw error
        }
    }

    /// Clears what builds left that did not come to their end, of this recipe and of its other versions. The
    /// caller holds this one's lock; who builds another version holds that one's.
    private func sweep(_ recipe: any ImageRecipe) async throws {
        let whole = directory(recipe)
        for left in try FileManager.default.contentsOfDirectory(atPath: cache) where left.hasPrefix("\(recipe.image)-")
        {
            guard let mark = left.range(of: Self.partial) else { continue }
            let other = "\(cache)/\(left[..<mark.lowerBound])"
            if other == whole {
                await recipe.clear("\(cache)/\(left)")
            } else if let lock = try FileLock(path: other + ".lock") {
                await recipe.clear("\(cache)/\(left)")
                withExtendedLifetime(lock) {}
            }
        }
    }

    /// Puts the files on the disk and makes them read-only before the name says that they are whole.
    private func settle(_ partial: String, as whole: String) throws {
        for name in ImageFiles.all {
            let path = "\(partial)/\(name)"
            guard chmod(path, 0o444) == 0 else { throw MachineError(.imageUnavailable, "the build made no \(name)") }
            try flush(path)
        }
        chmod(partial, 0o755)
        try flush(partial)
        // A directory of this name that is not whole is no image: somebody removed files of it by hand.
        if access(whole, F_OK) == 0 { try FileManager.default.removeItem(atPath: whole) }
        guard rename(partial, whole) == 0 else { throw systemError(whole) }
        try flush(cache)
    }

    private func flush(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw systemError(path) }
    }

    private func systemError(_ path: String) -> MachineError {
        MachineError(.imageUnavailable, "\(path): \(String(cString: strerror(errno)))")
    }

    private func report(_ stage: String, for image: ImageID) {
        let isNews = state.withLock { state in
            guard state.builds[image]?.stage != stage else { return false }
            state.builds[image]?.stage = stage
            return true
        }
        if isNews { logger.info("building image", metadata: ["image": "\(image)", "stage": "\(stage)"]) }
    }
}

/// `8 s`, `1 min 10 s`.
private func spoken(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
}
