import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing
import Wire

/// `GET /v1/invoices` and `/v1/invoices/{id}`, as JSON and in its other forms.
@Suite struct InvoiceAnswersTests {
    private func live(
        _ kind: TestDatabase.Kind, _ body: @Sendable (LiveService, LiveService.Customer) async throws -> Void
    ) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings) { service in
            try await body(service, try await service.customer())
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func oneIsAsTheDocumentShows(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service, customer in
            let (db, web, id) = try await service.workedExample(customer)
            let summary =
                #"{"id":"\#(id)","number":1,"kind":"month","month":"2026-10","domain":null,"#
                + #""issued_at":"2026-10-31T15:00:00Z","#
                + #""due_at":"2026-11-14T13:00:00Z","status":"open","currency":"AUD","gst":"inclusive","sum_cents":5235,"#
                + #""tax_cents":476,"total_cents":5235,"open_cents":5235"#
            let list = try await service.get("/v1/invoices", as: customer)
            #expect(list.body == #"{"data":[\#(summary)}]}"#)
            let shown = try await service.get("/v1/invoices/\(id)", as: customer)
            #expect(shown.header("Content-Type") == "application/json" && shown.header("Vary") == "Accept")
            #expect(
                shown.body == #"{"data":\#(summary),"time_zone":"Australia/Sydney","period":{"#
                    + #""from":"2026-09-30T14:00:00Z","to":"2026-10-31T13:00:00Z","seconds":2674800},"#
                    + #""seller":{"name":"Test Cloud Pty Ltd","abn":"51824753556","address":["1 Sample Street","#
                    + #""Sydney NSW 2000"],"email":"accounts@cloud.example"},"buyer":{"name":"","abn":null,"address":[],"#
                    + #""email":"\#(customer.account)@example.com"},"payment_instructions":[],"line_count":3,"lines":["#
                    + #"{"line":1,"server_id":"\#(db)","server_name":"db","plan":"nano","plan_name":"Nano","#
                    + #""price_cents":700,"from":"2026-09-30T14:00:00Z","to":"2026-10-31T13:00:00Z","seconds":2674800,"#
                    + #""cents":700,"tax_cents":64},"#
                    + #"{"line":2,"server_id":"\#(web)","server_name":"web","plan":"standard","plan_name":"Standard","#
                    + #""price_cents":3900,"from":"2026-09-30T23:00:00Z","to":"2026-10-04T02:00:00Z","seconds":270000,"#
                    + #""cents":394,"tax_cents":36},"#
                    + #"{"line":3,"server_id":"\#(web)","server_name":"web","plan":"pro","plan_name":"Pro","#
                    + #""price_cents":7900,"from":"2026-10-04T02:00:00Z","to":"2026-10-20T07:31:30Z","seconds":1402290,"#
                    + #""cents":4141,"tax_cents":376}],"settlements":[],"adjustments":[]}}"#)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func statusFollowsTheMoney(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service, customer in
            let id = try await service.october(of: customer)
            let (billing, requester) = (service.test.cloud.billing, service.test.requester(customer.account))
            func invoice() async throws -> JSONValue {
                try await service.get("/v1/invoices/\(id)", as: customer).json()["data"]
            }
            let due = try await billing.invoice(id.text, of: customer.account).summary.dueAt.seconds
            service.pass(to: due + 86_399)
            #expect(try await invoice()["status"].string == "open")
            service.pass(to: due + 86_400)
            #expect(try await invoice()["status"].string == "overdue")
            _ = try await billing.adjust(id, by: Money(cents: 200), because: "An outage", by: requester)
            service.test.time.advance(by: .seconds(1))
            _ = try await billing.recordPayment(
                try NewPayment(
                    amount: Money(cents: 500), method: "bank-transfer", reference: "a",
                    receivedAt: service.test.time.now),
                by: requester)
            let paid = try await invoice()
            #expect(paid["status"].string == "paid" && paid["open_cents"] == .integer(0))
            #expect(paid["settlements"].elements.compactMap { $0["means"].string } == ["adjustment", "payment"])
            #expect(paid["settlements"].elements.map { $0["cents"] } == [.integer(200), .integer(500)])
            #expect(paid["adjustments"].elements.first?["reason"].string == "An outage")
            #expect(paid["adjustments"].elements.first?["tax_cents"] == .integer(18))

            let other = try await service.customer()
            service.pass(to: max(service.test.time.now.seconds, Sydney.october.end))
            _ = try await service.test.deploy(other.account, plan: "nano")
            try await service.test.settle()
            service.pass(to: Sydney.novemberEnd + 3600)
            _ = try await billing.close(through: try #require(Month("2026-11")))
            let theirs = try #require(try await billing.invoices(of: other.account).invoices.first).id
            _ = try await billing.writeOff(theirs, by: service.test.requester(other.account))
            let given = try await service.get("/v1/invoices/\(theirs)", as: other).json()["data"]
            #expect(given["status"].string == "written_off")
            #expect(given["settlements"].elements.first?["means"].string == "bad_debt")
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func pagesTogetherAreTheList(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service, customer in
            _ = try await service.october(of: customer)
            service.pass(to: 1_803_000_000)
            _ = try await service.test.cloud.billing.close(through: try #require(Month("2027-01")))
            func numbers(_ query: String) async throws -> ([JSONValue], String?) {
                let reply = try await service.get("/v1/invoices?\(query)", as: customer).json()
                return (reply["data"].elements.map { $0["number"] }, reply["next"].string)
            }
            let all = try await numbers("").0
            #expect(all == [.integer(1), .integer(2), .integer(3), .integer(4)])
            var found: [JSONValue] = []
            var cursor: String?
            repeat {
                let page = try await numbers("limit=3" + (cursor.map { "&cursor=\($0)" } ?? ""))
                found += page.0
                cursor = page.1
            } while cursor != nil
            #expect(found == all)
            for query in ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=", "limit=1&limit=1"] {
                let reply = try await service.get("/v1/invoices?\(query)", as: customer)
                #expect(reply.status == 422, "\(query)")
                #expect(try reply.json()["fields"] != .null, "\(query)")
            }
        }
    }

    private static let forms: [(accept: String?, type: String)] = [
        (nil, "application/json"), ("*/*", "application/json"), ("image/png", "application/json"),
        ("text/*", "text/html"), ("application/*", "application/json"), ("TEXT/*;q=0.5, */*;q=0.4", "text/html"),
        ("application/json", "application/json"), ("text/csv", "text/csv"), ("text/csv, */*", "text/csv"),
        ("*/*, text/csv", "text/csv"), ("*/*;q=0.9, text/csv;q=0.8", "application/json"),
        ("application/json;q=0, */*", "text/html"), ("text/*, text/html;q=0", "text/csv"),
        ("application/json;q=0, text/*;q=0, */*", "application/pdf"),
        ("text/html;level=1;q=0.3, text/*;q=0.2", "text/html"),
        ("text/htm*", "application/json"), ("*", "application/json"), ("", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"), ("TEXT/CSV ; q=0.5, text/html;q=0.9", "text/html"),
        ("text/csv;q=0, */*", "application/json"), ("text/csv;q=0.001, image/png", "text/csv"),
        ("text/csv, text/html", "text/csv"), ("text/html;q=1.000, text/csv;q=0.999", "text/html"),
    ]

    @Test(arguments: forms)
    func formsAreChosenByAccept(accept: String?, type: String) async throws {
        try await live(.sqlite) { service, customer in
            let id = try await service.october(of: customer)
            let headers = accept.map { [("Accept", $0)] } ?? []
            let reply = try await service.get("/v1/invoices/\(id)", as: customer, headers: headers)
            // Nothing prints here, and whoever would have a PDF is told so.
            guard type != "application/pdf" else { return #expect(reply.status == 503) }
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type")?.hasPrefix(type) == true)
            #expect(reply.header("Vary") == "Accept" && reply.header("Cache-Control") == "no-store")
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func csvIsReadByOthersAsItWasMeantAndRunsNothing(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service, customer in
            let id = try await service.october(of: customer) { "=cmd|' /C calc'!A0,\"\($0)\"\r\nnew" }
            let reply = try await service.get("/v1/invoices/\(id)", as: customer, headers: [("Accept", "text/csv")])
            #expect(reply.header("Content-Type") == "text/csv; charset=utf-8; header=present")
            #expect(reply.header("Content-Disposition") == #"attachment; filename="invoice-1.csv""#)
            let script = """
                import csv, io, json, sys
                text = sys.stdin.buffer.read().decode("utf-8")
                json.dump(list(csv.DictReader(io.StringIO(text, newline=""), strict=True)), sys.stdout)
                """
            let result = try await runProgram(
                "python3", ["-I", "-c", script], input: reply.body, limit: .seconds(30))
            #expect(result.succeeded, "\(result.complaint)")
            let rows = try JSONParser.parse(Array(result.output.utf8)).elements
            let row = try #require(rows.first)
            #expect(rows.count == 1)
            #expect(row["server_name"].string == "'=cmd|' /C calc'!A0,\"db\"\r\nnew")
            #expect(row["invoice"].string == "1" && row["month"].string == "2026-10" && row["line"].string == "1")
            #expect(row["price"].string == "7.00" && row["plan_name"].string == "Nano")
            #expect(
                row["from"].string == "2026-10-01T00:00:02+10:00" && row["to"].string == "2026-11-01T00:00:00+11:00")
            #expect(row["seconds"].string == "2674798" && row["month_seconds"].string == "2674800")
            #expect(row["amount"].string == "7.00" && row["gst"].string == "0.64")
        }
    }
}
