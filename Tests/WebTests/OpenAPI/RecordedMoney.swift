import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// Usage, invoices and what things would cost.
extension RecordedAnswersTests {
    func recordMoney() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            try await service.send(200, "GET", "/v1/usage", as: customer)
            try await service.send(200, "GET", "/v1/invoices", as: customer)
            let (_, _, id) = try await service.service.workedExample(customer)
            for path in ["/v1/usage", "/v1/invoices", "/v1/invoices?limit=1", "/v1/account", "/v1/servers"] {
                try await service.send(200, "GET", path, as: customer)
            }
            for form in ["application/json", "text/csv", "text/html"] {
                try await service.send(200, "GET", "/v1/invoices/\(id)", as: customer, headers: [("Accept", form)])
            }
            let pdf = [("Accept", "application/pdf")]
            try await service.send(503, "GET", "/v1/invoices/\(id)", as: customer, headers: pdf)
            let (billing, requester) = (
                service.service.test.cloud.billing, service.service.test.requester(customer.account)
            )
            _ = try await billing.adjust(id, by: Money(cents: 100), because: "An outage", by: requester)
            _ = try await billing.writeOff(id, by: requester)
            try await service.send(200, "GET", "/v1/invoices/\(id)", as: customer)
            for query in ["limit=0", "cursor=x"] {
                try await service.send(422, "GET", "/v1/invoices?\(query)", as: customer)
            }
            try await recordQuotes(service, customer)
        }
    }

    private func recordQuotes(_ service: RecordedService, _ customer: LiveService.Customer) async throws {
        try await service.send(200, "POST", "/v1/servers?dry_run=true", as: customer, body: anOrder)
        try await service.send(422, "POST", "/v1/servers?dry_run=perhaps", as: customer, body: anOrder)
        let server = try await service.service.test.deploy(customer.account)
        try await service.service.test.settle()
        let path = "/v1/servers/\(server.id)/actions?dry_run=true"
        for plan in ["pro", "standard"] {
            let body = #"{"action":"resize","plan":"\#(plan)"}"#
            try await service.send(200, "POST", path, as: customer, body: body)
        }
        try await service.send(422, "POST", path, as: customer, body: #"{"action":"stop"}"#)
    }
}
