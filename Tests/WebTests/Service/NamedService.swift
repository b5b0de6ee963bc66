import Cloud
import Fakes
import Kernel

/// Names of a customer, ready for every request.
struct CustomersNames: Sendable {
    /// Active and unlocked.
    let domain: DomainID
    /// Of another name.
    let record: DNSRecordID
    /// The id for routes that take away what others need.
    let special: [String: String]
}

extension LiveService {
    /// A name that is active.
    func domain(of customer: Customer, _ name: String = "mine.com") async throws -> DomainID {
        let domain = try await test.cloud.domains.register(
            DomainOrder(domain: name), by: test.requester(customer.account))
        try await test.settle()
        return domain.id
    }

    func record(in domain: DomainID, of customer: Customer) async throws -> DNSRecordID {
        try await test.cloud.domains.upsert(
            RecordOrder(name: "www", type: "A", value: "192.0.2.1"), in: domain.text,
            by: test.requester(customer.account))[0].id
    }

    func names(of customer: Customer) async throws -> CustomersNames {
        let domain = try await domain(of: customer)
        let other = try await self.domain(of: customer, "other.com")
        _ = try await test.cloud.domains.act(
            DomainActionOrder(action: "unlock"), on: domain.text, by: test.requester(customer.account))
        try await test.settle()
        return CustomersNames(
            domain: domain, record: try await record(in: other, of: customer),
            special: ["/v1/domains/{id}/dns/{record}": other.text])
    }
}
