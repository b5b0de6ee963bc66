import Foundation

/// A seller or a buyer as an invoice names them, frozen on the day it was issued.
package struct Party: Hashable, Sendable, Codable {
    /// Empty for a buyer who has told none.
    package let name: String
    /// Eleven digits; nil for who has none.
    package let businessNumber: String?
    /// Lines of a postal address.
    package let address: [String]
    package let email: String

    enum CodingKeys: String, CodingKey {
        case name
        case businessNumber = "business-number"
        case address
        case email
    }

    package init(name: String, businessNumber: String?, address: [String], email: String) {
        self.name = name
        self.businessNumber = businessNumber
        self.address = address
        self.email = email
    }

    init(_ seller: Seller) {
        self.init(
            name: seller.name, businessNumber: seller.businessNumber?.digits, address: seller.address,
            email: seller.email)
    }

    /// As the database keeps it.
    func stored() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    init(stored text: String) throws {
        self = try JSONDecoder().decode(Party.self, from: Data(text.utf8))
    }
}
