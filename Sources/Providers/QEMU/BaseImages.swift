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
