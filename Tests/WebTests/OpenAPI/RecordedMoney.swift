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
            let buyer = "/v1/account/billing-details"
            try await service.send(200, "GET", buyer, as: customer)
            try await service.send(200, "PUT", buyer, as: customer, body: Self.replacements[buyer])
            try await service.send(200, "PUT", buyer, as: customer, body: #"{"name":"Ana Sample"}"#)
            try await service.send(200, "GET", buyer, as: customer)
            try await service.send(422, "PUT", buyer, as: customer, body: #"{"name":"Ana","abn":"51824753557"}"#)
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
            let note = try await billing.adjust(id, by: Money(cents: 100), because: "An outage", by: requester)
            for form in ["application/json", "text/html"] {
                try await service.send(
                    200, "GET", "/v1/adjustments/\(note.id)", as: customer, headers: [("Accept", form)])
            }
            try await service.send(503, "GET", "/v1/adjustments/\(note.id)", as: customer, headers: pdf)
            _ = try await billing.writeOff(id, by: requester)
            try await service.send(200, "GET", "/v1/invoices/\(id)", as: customer)
            try await service.send(200, "GET", "/v1/usage?month=2026-10", as: customer)
            for month in ["2026-13", "2099-01"] {
                try await service.send(422, "GET", "/v1/usage?month=\(month)", as: customer)
            }
            for query in ["limit=0", "cursor=x"] {
                try await service.send(422, "GET", "/v1/invoices?\(query)", as: customer)
            }
            // Whose invoice was written off may not buy.
            try await recordQuotes(service, try await service.service.customer())
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
