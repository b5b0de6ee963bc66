import Cloud
import Foundation
import Kernel
import Logging
import Providers

/// The image that the tests boot: a directory with `disk.qcow2`, `vmlinuz`, `initrd` and `cmdline` that
/// `CAIPORT_TEST_IMAGE` names.
struct DirectoryImage: BaseImages {
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

/// The test's own image, or the store's, which makes it when it is missing.
func testImages() -> any BaseImages {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["CAIPORT_TEST_IMAGE"] { return DirectoryImage(path: path) }
    return DirectoryImage(path: "/tmp/image/ready")
}
