/// A name in the catalogue, such as the plan `standard`: 1–40 of lower-case letters, digits and hyphens.
package struct CatalogueID<Entry>: Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package init(stringLiteral text: String) {
        self.text = text
    }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }
}

package typealias PlanID = CatalogueID<Plan>
package typealias RegionID = CatalogueID<Region>
package typealias ImageID = CatalogueID<Image>
