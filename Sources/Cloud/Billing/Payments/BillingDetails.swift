import Kernel

/// Who an account's invoices are made out to.
package struct BillingDetails: Hashable, Sendable {
    package let name: String
    /// Lines of a postal address; none is allowed.
    package let address: [String]
    package let businessNumber: BusinessNumber?

    private static let mostLines = 6

    /// - Parameters:
    ///   - businessNumber: empty for none.
    /// - Throws: `Refusal.invalid` with the fields `name`, `address` and `abn`.
    package init(name: String, address: [String], businessNumber: String) throws {
        var faults: [String: String] = [:]
        if !Label.isValid(name) { faults["name"] = Label.rule }
        if address.count > Self.mostLines || !address.allSatisfy({ Label.isValid($0) }) {
            faults["address"] = "must be at most \(Self.mostLines) lines of 1 to 64 visible characters"
        }
        let number = BusinessNumber(businessNumber)
        if !businessNumber.isEmpty && number == nil { faults["abn"] = "must be an ABN, such as 51 824 753 556" }
        guard faults.isEmpty else {
            throw Refusal(.invalid, "These billing details cannot be used", fields: faults)
        }
        self.name = name
        self.address = address
        self.businessNumber = number
    }

    /// An address as the database keeps it, in lines.
    static func lines(of text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }
}

extension Billing {
    /// Sets who the account's further invoices are made out to; those issued stay as they are.
    /// - Throws: `Refusal.notFound`.
    package func setBillingDetails(_ details: BillingDetails, by requester: Requester) async throws {
        let account = requester.account
        let number = details.businessNumber?.digits ?? ""
        do {
            try await database.commit([
                Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"),
                Write(
                    "billing-details.set",
                    """
                    INSERT INTO billing_details (account_id, name, address, business_number, changed_at)
                    VALUES (\(account), \(details.name), \(details.address.joined(separator: "\n")), \(number),
                        \(time.now))
                    ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, address = excluded.address,
                        business_number = excluded.business_number, changed_at = excluded.changed_at
                    """),
                try audit().entry(
                    "billing-details.set", on: account.text, by: requester,
                    detail: ["name": details.name, "abn": number]),
            ])
        } catch let unmet as Unmet where unmet.label == "account.exists" {
            throw Refusal(.notFound, "No such account")
        }
    }

    /// Who the account's invoices are made out to; nil when nobody has said.
    package func billingDetails(of account: AccountID) async throws -> BillingDetails? {
        let row = try await database.read(
            "SELECT name, address, business_number FROM billing_details WHERE account_id = \(account)"
        ).first
        return try row.map {
            try BillingDetails(
                name: try $0.text("name"), address: BillingDetails.lines(of: try $0.text("address")),
                businessNumber: try $0.text("business_number"))
        }
    }
}
