import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// Requests with an `Idempotency-Key`.
extension RecordedAnswersTests {
    func recordRepeats() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let requests = try await changes(to: service, of: customer)
            for (number, (method, path, body)) in requests.enumerated() {
                let status = method == "POST" && path.split(separator: "/").count == 2 ? 201 : 200
                let key = [("Idempotency-Key", "key \(number)")]
                let first = try await service.send(status, method, path, as: customer, headers: key, body: body)
                #expect(first.header("Idempotent-Replayed") == nil)
                let second = try await service.send(status, method, path, as: customer, headers: key, body: body)
                #expect(second.header("Idempotent-Replayed") == "true")
                #expect(second.body == first.body)
            }
        }
        try await recordUnusableKeys()
    }

    /// What is destroyed goes last.
    private func changes(
        to service: RecordedService, of customer: LiveService.Customer
    ) async throws -> [(method: String, path: String, body: String?)] {
        let requests = try await requests(to: service, of: customer)
        return requests.filter { $0.method == "POST" && $0.path != "/v1/domains/check" }
            + requests.filter { $0.method == "DELETE" }
    }

    private func recordUnusableKeys() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let requests = try await changes(to: service, of: customer)
            let taken = [("Idempotency-Key", "taken")]
            try await service.send(
                201, "POST", "/v1/servers", as: customer, headers: taken,
                body: #"{"plan":"nano","region":"us-east-1","image":"debian-12"}"#)
            let long = [("Idempotency-Key", String(repeating: "k", count: 256))]
            for (method, path, body) in requests {
                let reused = try await service.send(422, method, path, as: customer, headers: taken, body: body)
                #expect(try reused.json()["code"].string == "idempotency_key_reused")
                let refused = try await service.send(422, method, path, as: customer, headers: long, body: body)
                #expect(try refused.json()["code"].string == "invalid")
            }
        }
    }

    func recordRepeatsInFlight() async throws {
        try await withRecordedService { service, database in
            let customer = try await service.service.customer()
            let requests = try await changes(to: service, of: customer)
            for (number, (method, path, body)) in requests.enumerated() {
                let key = [("Idempotency-Key", "key \(number)")]
                let gate = Gate()
                database.hold(at: gate)
                async let first = service.service.send(method, path, as: customer, headers: key, body: body)
                await gate.visited()
                database.hold(at: nil)
                try await service.send(409, method, path, as: customer, headers: key, body: body)
                gate.open()
                #expect(try await [200, 201].contains(first.status))
            }
        }
    }
}
