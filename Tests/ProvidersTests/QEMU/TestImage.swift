import Cloud
import Foundation
import Kernel
import Logging
import Providers

/// The image that the tests boot: the store's, made when it is missing, in `CAIPORT_TEST_IMAGE_CACHE` or
/// where the daemon keeps it; or ready-made files, where `CAIPORT_TEST_IMAGE` names their directory.
func testImages() -> any BaseImages {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["CAIPORT_TEST_IMAGE"] { return DirectoryImage(path: path) }
    var logger = Logger(label: "test")
    logger.logLevel = .warning
    return ImageStore(cache: environment["CAIPORT_TEST_IMAGE_CACHE"] ?? ImageStore.defaultCache, logger: logger)
}

/// A directory with `disk.qcow2`, `vmlinuz`, `initrd` and `cmdline`.
private struct DirectoryImage: BaseImages {
    let path: String

    func availability(of image: ImageID) -> ImageAvailability { .available }

    func obtain(_ image: ImageID) async throws(MachineError) -> ObtainedImage {
        guard let commandLine = try? String(contentsOfFile: "\(path)/cmdline", encoding: .utf8) else {
            throw MachineError(.imageUnavailable, "\(path)/cmdline cannot be read")
        }
        return .ready(
            BaseImage(
                disk: "\(path)/disk.qcow2", kernel: "\(path)/vmlinuz", initrd: "\(path)/initrd",
                commandLine: commandLine.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
}
