import Cloud
import Fakes
import Kernel
import Providers
import Testing

/// Expects `act` to be refused with this code and, if one is named, for this field.
func expectRefusal(
    _ code: Refusal.Code, field: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ act: () async throws -> Void
) async {
    let refusal = await #expect(throws: Refusal.self, sourceLocation: sourceLocation) { try await act() }
    #expect(refusal?.code == code, sourceLocation: sourceLocation)
    if let field {
        #expect(refusal?.fields[field] != nil, "\(String(describing: refusal))", sourceLocation: sourceLocation)
    }
}

enum DebianRules {
    static let shared = Result { try DebianNameRules() }
}

extension NamedCloud {
    /// What the registrar was asked and how it ended, oldest first.
    func orders() async throws -> [String] {
        try await test.database.read("SELECT kind, state FROM domain_orders ORDER BY ordered_at, id").map {
            "\(try $0.text("kind")) \(try $0.text("state"))"
        }
    }

    /// A server that is running.
    func server(of account: AccountID) async throws -> Server {
        let server = try await test.deploy(account)
        try await test.settle()
        return try await test.cloud.servers.show(server.id.text, of: account)
    }
}

extension Registrant {
    /// Somebody who may hold `.au` names.
    static var sample: Registrant {
        get throws {
            try Registrant(
                legalName: "Sample Pty Ltd", identity: Identity(.businessNumber, "51 824 753 556"),
                eligibility: .company,
                contact: Contact(
                    name: "Ana", email: "ana@example.com", phone: "+61.291234567", street: "1 Sample Street",
                    city: "Sydney", state: "NSW", postcode: "2000", country: "AU"))
        }
    }
}
