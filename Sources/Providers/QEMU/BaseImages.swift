import Cloud

/// Where base images come from: the store on this host, or a directory that a test chose.
package protocol BaseImages: Sendable {
    /// Whether machines can be made from this image now. Answers at once, from what is known.
    func availability(of image: ImageID) -> ImageAvailability

    /// The image's files, or word of how far the making of them is. Returns soon.
    ///
    /// - Throws: `MachineError`: `imageUnavailable` when the image could not be made or fetched.
    func obtain(_ image: ImageID) async throws(MachineError) -> ObtainedImage
}

/// The files of an image that is booted with its kernel given to QEMU, without firmware.
package struct BaseImage: Sendable, Hashable {
    /// A qcow2 file with an unpartitioned root file system; never written.
    package let disk: String
    package let kernel: String
    package let initrd: String
    /// The kernel's arguments.
    package let commandLine: String

    package init(disk: String, kernel: String, initrd: String, commandLine: String) {
        self.disk = disk
        self.kernel = kernel
        self.initrd = initrd
        self.commandLine = commandLine
    }
}

/// An image, or how far the making of it is.
package enum ObtainedImage: Sendable, Hashable {
    case ready(BaseImage)
    /// A sentence for the operator and the progress page.
    case preparing(String)
}
