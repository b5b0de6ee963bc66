/// What can be bought: an operator's configuration, with this built-in default.
package struct Catalogue: Sendable {
    package let plans: [Plan]
    package let regions: [Region]
    package let images: [Image]

    package init(plans: [Plan], regions: [Region], images: [Image]) {
        self.plans = plans
        self.regions = regions
        self.images = images
    }

    package func plan(_ id: PlanID) -> Plan? { plans.first { $0.id == id } }
    package func region(_ id: RegionID) -> Region? { regions.first { $0.id == id } }
    package func image(_ id: ImageID) -> Image? { images.first { $0.id == id } }
}

package struct Plan: Hashable, Sendable {
    package let id: PlanID
    package let name: String
    /// `general`, `compute` or `memory`.
    package let family: String
    package let size: MachineSize
    /// Shown, not metered.
    package let bandwidth: String
    /// Per calendar month.
    package let price: Money
    package let popular: Bool

    package init(
        id: PlanID, name: String, family: String, size: MachineSize, bandwidth: String, price: Money,
        popular: Bool = false
    ) {
        self.id = id
        self.name = name
        self.family = family
        self.size = size
        self.bandwidth = bandwidth
        self.price = price
        self.popular = popular
    }
}

package struct Region: Hashable, Sendable {
    package let id: RegionID
    package let name: String
    package let flag: String
    /// The engine whose machines stand there.
    package let engine: String
    /// The name is a label: the machines stand on this host.
    package let simulatedLocation: Bool

    package init(id: RegionID, name: String, flag: String, engine: String, simulatedLocation: Bool) {
        self.id = id
        self.name = name
        self.flag = flag
        self.engine = engine
        self.simulatedLocation = simulatedLocation
    }
}

package struct Image: Hashable, Sendable {
    package let id: ImageID
    package let name: String
    /// The user that a customer signs in as.
    package let user: String

    package init(id: ImageID, name: String, user: String) {
        self.id = id
        self.name = name
        self.user = user
    }
}

extension MachineSize {
    /// The memory as the catalogue shows it: `512 MB`, `4 GB`.
    package var ramLabel: String {
        ram.count % 1024 == 0 ? "\(ram.count / 1024) GB" : "\(ram.count) MB"
    }
}
