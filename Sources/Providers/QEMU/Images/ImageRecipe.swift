import Cloud

/// How one image is made on this host.
package protocol ImageRecipe: Sendable {
    var image: ImageID { get }

    /// Names what is made: it differs whenever the recipe does, and its characters are fit for a file name.
    var version: String { get }

    /// The kernel's arguments for a guest of this image.
    var commandLine: String { get }

    /// Why this host cannot make the image, as the end of a customer's sentence; nil when it can. Looks at
    /// the host anew, and answers at once.
    func obstacle() -> String?

    /// Makes `ImageFiles` in the workshop's directory. Whatever programs it runs end with this process.
    ///
    /// - Throws: `MachineError`.
    func build(in workshop: ImageWorkshop) async throws(MachineError)

    /// Removes the workshop of a build that did not come to its end, whoever owns the files in it.
    func clear(_ directory: String) async
}

/// The files of a finished image, in a directory of their own.
package enum ImageFiles {
    package static let disk = "disk.qcow2"
    package static let kernel = "vmlinuz"
    package static let initrd = "initrd"
    package static let all = [disk, kernel, initrd]
}
