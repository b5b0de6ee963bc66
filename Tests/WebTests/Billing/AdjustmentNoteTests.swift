import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// `GET /v1/adjustments/{id}`: the correction of an invoice, as a document.
@Suite struct AdjustmentNoteTests {
    private static let attack = #"<img src=x onerror="alert(1)">"#

    private func live(
        _ kind: TestDatabase.Kind = .sqlite, _ terms: BillingTerms = .sydney,
        _ body: @Sendable (LiveService, LiveService.Customer) async throws -> Void
    ) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        settings.terms = terms
        try await withLiveService(settings) { service in
            try await body(service, try await service.customer())
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func saysWhatItCorrectsAndWhatBecameOfIt(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service, customer in
            let (_, _, invoice) = try await service.workedExample(customer)
            let (billing, requester) = (service.test.cloud.billing, service.test.requester(customer.account))
            _ = try await billing.recordPayment(
                try NewPayment(
                    amount: Money(cents: 4735), method: "bank-transfer", reference: "a",
                    receivedAt: service.test.time.now),
                by: requester)
            let note = try await billing.adjust(
                invoice, by: Money(cents: 1235), because: "An outage \(Self.attack)", by: requester
            ).id
            let listed = try await service.get("/v1/invoices/\(invoice)", as: customer).json()["data"]["adjustments"]
            #expect(listed.elements.first?["id"].string == note.text)
            let shown = try await service.get("/v1/adjustments/\(note)", as: customer)
            #expect(shown.status == 200 && shown.header("Vary") == "Accept")
            let data = try shown.json()["data"]
            #expect(data["number"] == .integer(1) && data["invoice_number"] == .integer(1))
            #expect(data["cents"] == .integer(1235) && data["tax_cents"] == .integer(112))
            #expect(data["before"]["cents"] == .integer(5235) && data["before"]["tax_cents"] == .integer(476))
            #expect(data["after"]["cents"] == .integer(4000) && data["after"]["tax_cents"] == .integer(364))
            #expect(data["taken_off_cents"] == .integer(500) && data["credited_cents"] == .integer(735))

            let page = try await service.get(
                "/v1/adjustments/\(note)", as: customer, headers: [("Accept", "text/html")])
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            for text in [
                "<h1>Adjustment note</h1>", "Test Cloud Pty Ltd", "ABN 51 824 753 556", "1 November 2026",
                "Tax invoice 1 of 1 November 2026", "October 2026", "A$52.35", "A$4.76", "-A$12.35", "-A$1.12",
                "A$40.00", "A$3.64", "An outage &lt;img", "A$5.00 is taken off", "A$7.35 had been paid already",
            ] {
                #expect(page.body.contains(text), "\(text)")
            }
            #expect(!page.body.contains("<img"))
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("style-src 'sha256-"))
        }
    }

    @Test func whoIsNotRegisteredIssuesACreditNoteWithoutTax() async throws {
        try await live(.sqlite, .terms(tax: .none)) { service, customer in
            let (_, _, invoice) = try await service.workedExample(customer)
            let note = try await service.adjusted(invoice, of: customer)
            let page = try await service.get(
                "/v1/adjustments/\(note)", as: customer, headers: [("Accept", "text/html")]
            ).body
            #expect(page.contains("<h1>Credit note</h1>") && page.contains("Invoice 1 of 1 November 2026"))
            #expect(!page.contains("GST"))
        }
    }

    @Test func asPDFItHasANameOfItsOwnAndIsPrintedLikeAnInvoice() async throws {
        var settings = LiveSettings()
        settings.printer = StagedPrinter()
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            let note = try await service.adjusted(try await service.october(of: customer), of: customer)
            let accept = [("Accept", "application/pdf")]
            let reply = try await service.get("/v1/adjustments/\(note)", as: customer, headers: accept)
            #expect(reply.status == 200 && reply.body == "%PDF-\(note)")
            #expect(reply.header("Content-Disposition") == #"attachment; filename="adjustment-1.pdf""#)
            let head = try await service.send("HEAD", "/v1/adjustments/\(note)", as: customer, headers: accept)
            #expect(head.status == 200 && head.header("Content-Type") == "application/pdf")
            let csv = [("Accept", "text/csv")]
            let other = try await service.get("/v1/adjustments/\(note)", as: customer, headers: csv)
            #expect(other.header("Content-Type") == "application/json")
        }
    }
}
