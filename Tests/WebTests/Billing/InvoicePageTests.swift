import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing
import Wire

/// An invoice for people: HTML, and the PDF that is printed of it.
@Suite struct InvoicePageTests {
    private static let html = [("Accept", "text/html")]
    private static let attack = #"<img src=x onerror="alert(1)">&'<script>"#

    private func live(
        _ terms: BillingTerms = .sydney, printer: any Printer = NoPrinter(),
        _ body: @Sendable (LiveService, LiveService.Customer) async throws -> Void
    ) async throws {
        var settings = LiveSettings()
        settings.terms = terms
        settings.printer = printer
        try await withLiveService(settings) { service in
            try await body(service, try await service.customer())
        }
    }

    private func bill(_ customer: LiveService.Customer, _ service: LiveService) async throws {
        let details = try BillingDetails(
            name: "Ana & Söhne Pty Ltd", address: ["2 Example Road", "Perth WA 6000"],
            businessNumber: "10 000 000 000")
        try await service.test.cloud.billing.setBillingDetails(details, by: service.test.requester(customer.account))
    }

    @Test func saysWhatTheLawAsksAndWhyEachLineIsThere() async throws {
        try await live { service, customer in
            try await bill(customer, service)
            let (_, web, id) = try await service.workedExample(customer)
            let page = try await service.get("/v1/invoices/\(id)", as: customer, headers: Self.html)
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            for text in [
                "<h1>Tax invoice</h1>", "<td>1</td>", "1 November 2026", "15 November 2026", "October 2026",
                "Test Cloud Pty Ltd", "ABN 51 824 753 556", "Sydney NSW 2000", "Ana &amp; Söhne Pty Ltd",
                "ABN 10 000 000 000", "Perth WA 6000", "<strong>web</strong>", "Standard · \(web)",
                "2026-10-01 09:00:00 +10:00", "2026-10-04 13:00:00 +11:00", "270,000 s", "of 2,674,800 s", "A$39.00",
                "A$3.94", "A$0.36", "A$41.41", "Total including GST", "A$52.35", "GST included in the total", "A$4.76",
            ] {
                #expect(page.body.contains(text), "\(text)")
            }
        }
    }

    @Test func aSellerWhoIsNotRegisteredIssuesNoTaxInvoice() async throws {
        try await live(.terms(tax: .none)) { service, customer in
            let (_, _, id) = try await service.workedExample(customer)
            let page = try await service.get("/v1/invoices/\(id)", as: customer, headers: Self.html).body
            #expect(page.contains("<h1>Invoice</h1>") && page.contains("No GST is charged"))
            #expect(!page.lowercased().contains("tax invoice") && !page.contains("including GST"))
        }
    }

    @Test func taxThatGoesOnTopIsAddedToTheSum() async throws {
        try await live(.terms(tax: .exclusive)) { service, customer in
            let grant = try await service.test.cloud.billing.grantCredit(
                Money(cents: 1000), because: "Welcome", by: service.test.requester(customer.account))
            #expect(grant.amount.cents == 1000)
            let (_, _, id) = try await service.workedExample(customer)
            let page = try await service.get("/v1/invoices/\(id)", as: customer, headers: Self.html).body
            for text in [
                "Sum without GST", "A$52.35", "GST (10%)", "A$5.24", "A$57.59", "Paid from your credit", "-A$10.00",
                "To be paid", "A$47.59",
            ] {
                #expect(page.contains(text), "\(text)")
            }
        }
    }

    @Test func noNameBecomesMarkup() async throws {
        let seller = Seller(
            name: Self.attack, businessNumber: BusinessNumber("51 824 753 556"), address: [Self.attack],
            email: Self.attack)
        try await live(.terms(seller: seller)) { service, customer in
            let details = try BillingDetails(name: Self.attack, address: [Self.attack], businessNumber: "")
            try await service.test.cloud.billing.setBillingDetails(
                details, by: service.test.requester(customer.account))
            let id = try await service.october(of: customer) { _ in Self.attack + "\u{0}</td>" }
            let page = try await service.get("/v1/invoices/\(id)", as: customer, headers: Self.html)
            #expect(page.body.components(separatedBy: "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;").count == 7)
            let script = """
                import sys
                from html.parser import HTMLParser
                class Parser(HTMLParser):
                    def handle_starttag(self, tag, attributes):
                        print(tag, *(name for name, value in attributes))
                Parser().feed(sys.stdin.read())
                """
            let result = try await runProgram("python3", ["-I", "-c", script], input: page.body, limit: .seconds(30))
            let found = Set(result.output.split(separator: "\n").map(String.init))
            let allowed: Set = [
                "html lang", "head", "meta charset", "title", "style", "body", "header", "h1", "h2", "p", "p class",
                "table class", "thead", "tbody", "tr", "tr class", "th", "th class", "td", "td class", "div",
                "div class", "strong",
            ]
            #expect(found.isSubset(of: allowed), "\(found.subtracting(allowed))")
            #expect(found.contains("h1"))
            // The page's own style may apply, and nothing else may be loaded or run.
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(
                policy.wholeMatch(
                    of: /default-src 'none'; frame-ancestors 'none'; style-src 'sha256-[A-Za-z0-9+\/]{43}='/) != nil)
        }
    }

    @Test func thePDFSaysTheSameAndIsPrintedOnce() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-invoices-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try await live(printer: DocumentStore(directory: directory.path())) { service, customer in
            try await bill(customer, service)
            let (_, _, id) = try await service.workedExample(customer)
            let accept = [("Accept", "application/pdf")]
            let reply = try await service.get("/v1/invoices/\(id)", as: customer, headers: accept)
            #expect(reply.status == 200 && reply.header("Content-Type") == "application/pdf")
            #expect(reply.header("Content-Disposition") == #"attachment; filename="invoice-1.pdf""#)
            #expect(reply.body.hasPrefix("%PDF-"))
            let file = directory.appending(path: "\(id).pdf")
            let kept = try Data(contentsOf: file)
            #expect(reply.header("Content-Length") == "\(kept.count)")
            let text = try await runProgram("pdftotext", ["-layout", file.path(), "-"], limit: .seconds(30)).output
            for word in [
                "Tax invoice", "ABN 51 824 753 556", "Ana & Söhne Pty Ltd", "A$52.35", "A$4.76", "2026-10-04 13:00:00",
                "Page 1 of 1",
            ] {
                #expect(text.contains(word), "\(word)")
            }
            if let shelf = ProcessInfo.processInfo.environment["CAIPORT_TEST_SHELF"] {
                try? kept.write(to: URL(filePath: shelf).appending(path: "invoice.pdf"))
            }
            // What was printed is given again, and to nobody else.
            try Data("%PDF-kept".utf8).write(to: file)
            #expect(try await service.get("/v1/invoices/\(id)", as: customer, headers: accept).body == "%PDF-kept")
            let stranger = try await service.customer()
            #expect(try await service.get("/v1/invoices/\(id)", as: stranger, headers: accept).status == 404)
        }
    }

    @Test func withoutAPrinterThePDFIsUnavailableAndTheReasonSaid() async throws {
        try await live { service, customer in
            let id = try await service.october(of: customer)
            let reply = try await service.get(
                "/v1/invoices/\(id)", as: customer, headers: [("Accept", "application/pdf")])
            #expect(reply.status == 503 && reply.header("Retry-After") == "3600")
            #expect(try reply.json()["code"].string == "unavailable")
            #expect(try reply.json()["error"].string?.contains("text/html") == true)
        }
    }
}
