import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// Names and their records.
extension RecordedAnswersTests {
    static let replacements = [
        "/v1/account/billing-details":
            #"{"name":"Sample Pty Ltd","address":["1 Sample Street","Sydney NSW 2000"],"abn":"51824753556"}"#,
        "/v1/domains/{id}/dns": #"{"records":[{"name":"a","type":"A","value":"192.0.2.7"}]}"#,
        "/v1/account/registrant": #"""
        {"legal_name":"Sample Pty Ltd","id_type":"ABN","id_number":"51 824 753 556","eligibility_type":"Company",
        "contact":{"name":"Ana","email":"ana@example.com","phone":"+61.291234567","street":"1 Sample Street",
        "city":"Sydney","state":"NSW","postcode":"2000","country":"AU"}}
        """#,
    ]

    func recordDomains() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let test = service.service.test
            func order(_ status: Int, _ body: String) async throws -> JSONValue {
                try await service.send(status, "POST", "/v1/domains", as: customer, body: body).json()["data"]
            }
            try await service.send(200, "GET", "/v1/domains", as: customer)
            try await service.send(200, "POST", "/v1/domains/check", as: customer, body: #"{"domain":"Mine.com."}"#)
            _ = try await order(422, #"{"domain":"mine.com.au"}"#)
            let registrant = Self.replacements["/v1/account/registrant"]
            try await service.send(200, "PUT", "/v1/account/registrant", as: customer, body: registrant)
            try await service.send(200, "GET", "/v1/account/registrant", as: customer)
            let wrong = registrant?.replacing("556", with: "557").replacing("Company", with: "None")
            try await service.send(422, "PUT", "/v1/account/registrant", as: customer, body: wrong)
            let wanted = #"{"domain":"mine.com.au","years":2}"#
            for (status, answer) in [(200, "true"), (422, "perhaps")] {
                let path = "/v1/domains?dry_run=\(answer)"
                try await service.send(status, "POST", path, as: customer, body: wanted)
            }
            let ordered = try await order(201, wanted)
            #expect(ordered["status"].string == "pending")
            let path = "/v1/domains/\(try #require(ordered["id"].string))"
            try await service.send(409, "DELETE", path, as: customer)
            try await service.send(409, "POST", "\(path)/actions", as: customer, body: #"{"action":"lock"}"#)
            try await service.send(409, "POST", "\(path)/dnssec", as: customer, body: #"{"enabled":true}"#)
            try await test.settle()
            try await service.send(200, "GET", path, as: customer)
            try await service.send(200, "GET", "/v1/domains", as: customer)
            try await recordPurchase(service, customer)
            _ = try await order(409, #"{"domain":"mine.com.au"}"#)
            try await service.send(409, "GET", "\(path)/transfer-code", as: customer)
            for action in ["renew", "auto_renew_off", "auto_renew_on", "unlock"] {
                let body = #"{"action":"\#(action)"}"#
                try await service.send(200, "POST", "\(path)/actions", as: customer, body: body)
            }
            try await service.send(409, "POST", "\(path)/actions", as: customer, body: #"{"action":"renew"}"#)
            try await test.settle()
            try await service.send(200, "GET", "\(path)/transfer-code", as: customer)
            try await recordSigning(service, customer, path)
            try await recordConnection(service, customer, path)
            try await recordUnpaid(service, customer, path)
            try await service.send(200, "DELETE", path, as: customer)
            try await service.send(200, "GET", path, as: customer)
            let failed = try await order(201, #"{"domain":"a-refused.com","years":null}"#)
            try await test.settle()
            let refused = "/v1/domains/\(try #require(failed["id"].string))"
            try await service.send(200, "GET", refused, as: customer)
            try await service.send(409, "DELETE", refused, as: customer)
        }
    }

    /// The invoice of a name, and a purchase beyond the cap.
    private func recordPurchase(_ service: RecordedService, _ customer: LiveService.Customer) async throws {
        let list = try await service.send(200, "GET", "/v1/invoices", as: customer).json()["data"].elements
        let path = "/v1/invoices/\(try #require(list.first?["id"].string))"
        for form in ["application/json", "text/csv", "text/html"] {
            try await service.send(200, "GET", path, as: customer, headers: [("Accept", form)])
        }
        let thrifty = try await service.service.customer()
        try await service.service.test.database.commit([
            Write("test.cap", "UPDATE accounts SET spend_cap_cents = 100 WHERE id = \(thrifty.account)")
        ])
        for path in ["/v1/domains", "/v1/domains?dry_run=true"] {
            try await service.send(403, "POST", path, as: thrifty, body: #"{"domain":"dear.com"}"#)
        }
    }

    private func recordSigning(
        _ service: RecordedService, _ customer: LiveService.Customer, _ path: String
    ) async throws {
        let signed = try await service.send(
            200, "POST", "\(path)/dnssec", as: customer, body: #"{"enabled":true}"#)
        #expect(try signed.json()["data"]["dnssec"]["ds"].elements.isEmpty)
        try await service.service.test.settle()
        let published = try await service.send(200, "GET", path, as: customer)
        #expect(try published.json()["data"]["dnssec"]["ds"].elements.count == 1)
        try await service.send(200, "POST", "\(path)/dnssec", as: customer, body: #"{"enabled":false}"#)
        try await service.send(422, "POST", "\(path)/dnssec", as: customer, body: "{}")
        try await service.send(400, "POST", "\(path)/dnssec", as: customer, body: #"{"enabled":"yes"}"#)
    }

    private func recordConnection(
        _ service: RecordedService, _ customer: LiveService.Customer, _ path: String
    ) async throws {
        let server = try await service.service.test.deploy(customer.account)
        let body = #"{"server_id":"\#(server.id)"}"#
        try await service.send(409, "POST", "\(path)/connect", as: customer, body: body)
        try await service.service.test.settle()
        try await service.send(200, "POST", "\(path)/connect", as: customer, body: body)
        let unknown = #"{"server_id":"sv_0000000000000000"}"#
        try await service.send(404, "POST", "\(path)/connect", as: customer, body: unknown)
        try await service.send(200, "GET", "\(path)/dns", as: customer)
    }

    private func recordUnpaid(
        _ service: RecordedService, _ customer: LiveService.Customer, _ path: String
    ) async throws {
        func mayBuy(_ answer: Bool) async throws {
            try await service.service.test.database.commit([
                Write(
                    "test.may-buy",
                    "UPDATE accounts SET may_buy = \(answer), may_buy_reason = 'Add one' WHERE id = \(customer.account)"
                )
            ])
        }
        try await mayBuy(false)
        try await service.send(402, "POST", "\(path)/actions", as: customer, body: #"{"action":"renew"}"#)
        try await service.send(402, "POST", "/v1/domains", as: customer, body: #"{"domain":"dear.com"}"#)
        try await mayBuy(true)
        let cap: SQL = "UPDATE accounts SET spend_cap_cents = spend_cap_cents"
        let test = service.service.test
        try await test.database.commit([Write("test.cap", "\(cap) - 99000 WHERE id = \(customer.account)")])
        try await service.send(403, "POST", "\(path)/actions", as: customer, body: #"{"action":"renew"}"#)
        try await test.database.commit([Write("test.cap", "\(cap) + 99000 WHERE id = \(customer.account)")])
    }

    func recordRecords() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let path = "/v1/domains/\(try await service.service.domain(of: customer))/dns"
            for value in [#""value":"192.0.2.1""#, #""values":["192.0.2.1","192.0.2.2"],"ttl":60"#] {
                let body = #"{"name":"www","type":"A",\#(value)}"#
                try await service.send(200, "POST", path, as: customer, body: body)
            }
            let mail = #"{"name":"@","type":"MX","value":"mx.example.com","priority":10}"#
            try await service.send(200, "POST", path, as: customer, body: mail)
            try await service.send(422, "POST", path, as: customer, body: #"{"name":"@","type":"A","value":"x"}"#)
            let listed = try await service.send(200, "GET", path, as: customer)
            let tag = try #require(listed.header("ETag"))
            let whole = try listed.json()["data"]
            let again = #"{"records":\#(String(decoding: whole.json(), as: UTF8.self))}"#
            let matching = [("If-Match", tag)]
            let same = try await service.send(200, "PUT", path, as: customer, headers: matching, body: again)
            #expect(same.body == listed.body, "what was read can be sent back")
            let body = Self.replacements["/v1/domains/{id}/dns"]
            try await service.send(200, "PUT", "\(path)?dry_run=true", as: customer, body: body)
            try await service.send(422, "PUT", "\(path)?dry_run=perhaps", as: customer, body: body)
            try await service.send(200, "PUT", path, as: customer, headers: matching, body: body)
            try await service.send(409, "PUT", path, as: customer, headers: matching, body: body)
            try await service.send(422, "PUT", path, as: customer, headers: [("If-Match", "W/x")], body: body)
            try await recordZoneFiles(service, customer, path)
            try await service.send(200, "GET", "\(path)/history", as: customer)
            let page = try await service.send(200, "GET", "\(path)/history?limit=1", as: customer)
            let next = try #require(try page.json()["next"].string)
            try await service.send(200, "GET", "\(path)/history?cursor=\(next)", as: customer)
            try await service.send(422, "GET", "\(path)/history?limit=0", as: customer)
            try await service.send(200, "GET", "\(path)/check", as: customer)
            try await service.service.test.settle()
            let check = try await service.send(200, "GET", "\(path)/check", as: customer)
            #expect(try check.json()["data"]["in_step"] == .bool(true))
        }
        try await recordRecordsOfNames()
    }

    private func recordZoneFiles(
        _ service: RecordedService, _ customer: LiveService.Customer, _ path: String
    ) async throws {
        let exported = try await service.send(200, "GET", "\(path)/export", as: customer)
        let file = try exported.json()["data"]["zone_file"]
        let body = #"{"zone_file":\#(String(decoding: file.json(), as: UTF8.self))}"#
        let old = [("If-Match", #""1""#)]
        try await service.send(200, "POST", "\(path)/import?dry_run=true", as: customer, body: body)
        try await service.send(200, "POST", "\(path)/import", as: customer, body: body)
        try await service.send(409, "POST", "\(path)/import", as: customer, headers: old, body: body)
        try await service.send(422, "POST", "\(path)/import", as: customer, body: #"{"zone_file":"nonsense"}"#)
    }

    /// Of a name that failed, whose records nobody can change any more.
    private func recordRecordsOfNames() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let test = service.service.test
            let domain = try await test.cloud.domains.register(
                DomainOrder(domain: "a-refused.com"), by: test.requester(customer.account))
            let record = try await service.service.record(in: domain.id, of: customer)
            try await test.settle()
            let path = "/v1/domains/\(domain.id)/dns"
            let body = #"{"name":"www","type":"A","value":"192.0.2.1"}"#
            try await service.send(409, "POST", path, as: customer, body: body)
            try await service.send(409, "PUT", path, as: customer, body: #"{"records":[]}"#)
            try await service.send(409, "POST", "\(path)/import", as: customer, body: #"{"zone_file":""}"#)
            try await service.send(409, "POST", "\(path)/revert", as: customer, body: #"{"version":1}"#)
            try await service.send(409, "DELETE", "\(path)/\(record)", as: customer)
            let server = try await test.deploy(customer.account)
            try await test.settle()
            let connection = #"{"server_id":"\#(server.id)"}"#
            try await service.send(409, "POST", "/v1/domains/\(domain.id)/connect", as: customer, body: connection)
        }
    }

    /// Without a name service, no call about names can be answered.
    func recordNamelessService() async throws {
        var settings = LiveSettings()
        settings.hasNames = false
        try await withRecordedService(settings) { service in
            let customer = try await service.service.customer()
            for path in ["/v1/domains", "/v1/domains/dm_0000000000000000", "/v1/account/registrant"] {
                let refused = try await service.send(503, "GET", path, as: customer)
                #expect(try refused.json()["error"].string?.contains("--dns") == true)
            }
            try await service.send(503, "POST", "/v1/domains", as: customer, body: #"{"domain":"mine.com"}"#)
        }
    }
}
