import Cloud
import Wire

/// The public lists.
struct CatalogueRoutes: Sendable {
    private let offers: Offers
    private let renderedPlans: Answer
    private let renderedRegions: Answer

    init(offers: Offers) {
        self.offers = offers
        // A catalogue is as long as its process: what depends on nothing else is written once.
        renderedPlans = .ok(Wire.DataAnswer(offers.catalogue.plans.map(Wire.Plan.init)))
        renderedRegions = .ok(Wire.DataAnswer(offers.catalogue.regions.map(Wire.Region.init)))
    }

    func plans(_ exchange: Exchange) async throws -> Answer { renderedPlans }

    func regions(_ exchange: Exchange) async throws -> Answer { renderedRegions }

    func images(_ exchange: Exchange) async throws -> Answer {
        .ok(
            Wire.DataAnswer(
                offers.catalogue.images.map { Wire.Image($0, availability: offers.availability(of: $0)) }))
    }
}

extension Wire.Plan {
    init(_ plan: Plan) {
        self.init(
            id: plan.id.text, name: plan.name, family: plan.family, vcpu: plan.size.vcpu, ram: plan.size.ramLabel,
            storageGB: plan.size.storage.count, bandwidth: plan.bandwidth, priceCents: plan.price.cents,
            popular: plan.popular)
    }
}

extension Wire.Region {
    init(_ region: Region) {
        self.init(
            id: region.id.text, name: region.name, flag: region.flag, engine: region.engine,
            simulatedLocation: region.simulatedLocation)
    }
}

extension Wire.Image {
    init(_ image: Image, availability: ImageAvailability) {
        let reason: String? =
            switch availability {
            case .available: nil
            case .unavailable(let reason): reason
            }
        self.init(id: image.id.text, name: image.name, sshUser: image.user, unavailableReason: reason)
    }
}
