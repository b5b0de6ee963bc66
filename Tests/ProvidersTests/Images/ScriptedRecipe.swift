import Cloud
import Foundation
import Providers
import Synchronization

/// A recipe that makes small files, counts its builds, and does in between what a test tells it to.
final class ScriptedRecipe: ImageRecipe {
    let image: ImageID = "debian-12"
    let version: String
    let commandLine = "root=/dev/vda"
    private let blocked: String?
    private let work: @Sendable (ImageWorkshop, Int) async throws(MachineError) -> Void
    private let count = Mutex(0)

    /// - Parameter work: is told how many builds there were before this one.
    init(
        version: String = "1", obstacle: String? = nil,
        work: @escaping @Sendable (ImageWorkshop, Int) async throws(MachineError) -> Void = { _, _ in }
    ) {
        self.version = version
        blocked = obstacle
        self.work = work
    }

    var builds: Int { count.withLock { $0 } }

    func obstacle() -> String? { blocked }

    func build(in workshop: ImageWorkshop) async throws(MachineError) {
        let before = count.withLock { count in
            count += 1
            return count - 1
        }
        workshop.stage("installing packages")
        try workshop.write("disk of build \(before)", to: ImageFiles.disk)
        try await work(workshop, before)
        try workshop.write("kernel", to: ImageFiles.kernel)
        try workshop.write("initrd", to: ImageFiles.initrd)
    }

    func clear(_ directory: String) async {
        try? FileManager.default.removeItem(atPath: directory)
    }
}
