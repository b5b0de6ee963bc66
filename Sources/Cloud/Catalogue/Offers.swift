/// The catalogue together with what the engines can give now.
package struct Offers: Sendable {
    package let catalogue: Catalogue
    let engines: Engines

    package init(catalogue: Catalogue, engines: Engines) {
        self.catalogue = catalogue
        self.engines = engines
    }

    /// Whether servers can be deployed from the image in the region now.
    package func availability(of image: Image, in region: Region) -> ImageAvailability {
        guard let engine = engines[region.engine] else {
            return .unavailable(reason: "The engine of \(region.name) is not set up")
        }
        return engine.availability(of: image.id)
    }

    /// Whether servers can be deployed from the image somewhere; if not, why not in the first region.
    package func availability(of image: Image) -> ImageAvailability {
        var first: ImageAvailability?
        for region in catalogue.regions {
            let availability = availability(of: image, in: region)
            if case .available = availability { return .available }
            first = first ?? availability
        }
        return first ?? .unavailable(reason: "There is no region to deploy to")
    }
}
