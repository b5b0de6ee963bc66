import Kernel

/// What a customer asks to be deployed, as it was written.
package struct ServerOrder: Sendable {
    package let plan: String
    package let region: String
    package let image: String
    package let name: String?

    package init(plan: String, region: String, image: String, name: String?) {
        self.plan = plan
        self.region = region
        self.image = image
        self.name = name
    }
}

/// An order whose every part exists and can be had.
struct CheckedOrder {
    let plan: Plan
    let region: Region
    let image: Image
    let name: String?

    /// - Throws: `Refusal.invalid` that names every field at fault and what is allowed.
    init(_ order: ServerOrder, in offers: Offers) throws {
        var faults: [String: String] = [:]
        let catalogue = offers.catalogue
        let plan = catalogue.plan(PlanID(order.plan))
        if plan == nil {
            faults["plan"] = "must be one of \(Self.list(catalogue.plans.map(\.id)))"
        }
        let region = catalogue.region(RegionID(order.region))
        if region == nil {
            faults["region"] = "must be one of \(Self.list(catalogue.regions.map(\.id)))"
        }
        let image = catalogue.image(ImageID(order.image))
        if image == nil {
            faults["image"] = "must be one of \(Self.list(catalogue.images.map(\.id)))"
        }
        if let image, let region, case .unavailable(let reason) = offers.availability(of: image, in: region) {
            faults["image"] = reason
        }
        if let name = order.name, !ServerName.isValid(name) {
            faults["name"] = ServerName.rule
        }
        guard faults.isEmpty, let plan, let region, let image else {
            throw Refusal(.invalid, Self.sentence(for: faults), fields: faults)
        }
        self.plan = plan
        self.region = region
        self.image = image
        name = order.name
    }

    private static func sentence(for faults: [String: String]) -> String {
        let parts = faults.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "The server cannot be deployed like this. " + parts.joined(separator: "; ")
    }

    private static func list<Entry>(_ ids: [CatalogueID<Entry>]) -> String {
        ids.map(\.text).joined(separator: ", ")
    }
}

/// A server's label, which is also its guest's hostname.
package enum ServerName {
    package static let rule = "must be 1 to 63 of A-Z, a-z, 0-9, . and -, and start and end with a letter or digit"

    package static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (1...63).contains(bytes.count), isAlphanumeric(bytes[0]), isAlphanumeric(bytes[bytes.count - 1]) else {
            return false
        }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
