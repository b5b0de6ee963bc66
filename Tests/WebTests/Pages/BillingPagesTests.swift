import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// What pages say of money is what the API says, to the cent.
@Suite struct BillingPagesTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aMonthIsExplainedToTheSecond(kind: TestDatabase.Kind) async throws {
        try await withPages(kind) { service in
            let customer = try await service.customer()
            let (_, web, invoice) = try await service.workedExample(customer)
            let browser = Browser(service)
            try await browser.signIn(to: customer.account)

            let charges = try await browser.open("/billing/charges?month=2026-10").body
            let usage = try await service.get("/v1/usage?month=2026-10", as: customer).json()["data"]
            let spans = usage["servers"].elements.flatMap { $0["spans"].elements }
            #expect(spans.count == 3)
            for span in spans {
                guard case .integer(let cents) = span["cents"] else { throw Refusal(.invalid, "no cents") }
                #expect(charges.contains("\(Money(cents: cents).text)</td>"), "\(cents)")
            }
            for words in [
                "Sum of the lines</dt><dd>A$52.35", "GST, included</dt><dd>A$4.76", web.text, "resized to Pro",
                "resized from Standard", "destroyed", "the month ended", ">270000</td>", ">1402290</td>",
                "2026-10-01 09:00:00",
            ] {
                #expect(charges.contains(words), "\(words)")
            }

            let list = try await browser.open("/billing").body
            #expect(list.contains("/invoices/\(invoice)") && list.contains("A$52.35"))
            let page = try await browser.open("/invoices/\(invoice)").body
            for words in ["A$52.35", "A$4.76", "A$3.94", "A$41.41", "To pay"] {
                #expect(page.contains(words), "\(words)")
            }
            for (form, type) in [("csv", "text/csv"), ("html", "text/html")] {
                let file = try await browser.open("/invoices/\(invoice)/file?as=\(form)")
                let answer = try await service.send(
                    "GET", "/v1/invoices/\(invoice)", as: customer, headers: [("Accept", type)])
                #expect(file.status == 200 && file.body == answer.body, "\(form)")
            }
            #expect(try await browser.open("/invoices/\(invoice)/file?as=exe").status == 404)
        }
    }

    @Test func theDaysOfAMonthAddUpToIt() async throws {
        try await withPages { service in
            let customer = try await service.customer()
            _ = try await service.workedExample(customer)
            service.pass(to: Sydney.october.end + 1_971_821)
            let billing = service.test.cloud.billing
            for month in ["2026-10", "2026-11"] {
                let usage = try await billing.usage(customer.account, month: month)
                let days = billing.days(of: usage)
                #expect(days.reduce(Money.zero) { $0 + $1.amount } == usage.accrued, "\(month)")
                #expect(days.count == (month == "2026-10" ? 31 : 23))
                #expect(days.allSatisfy { $0.amount >= .zero })
                #expect(days.first?.date == "\(month)-01")
            }
            let browser = Browser(service)
            try await browser.signIn(to: customer.account)
            let page = try await browser.open("/billing").body
            let usage = try await billing.usage(customer.account)
            #expect(page.contains("<p class=\"big\">\(usage.accrued.text)</p>"))
            #expect(page.contains("\(usage.forecast.text) at the month"))
            #expect(page.split(separator: "class=\"bar\" x=").count > 23 && !page.contains("style="))
        }
    }

    @Test func somebodyElsesInvoiceIsNone() async throws {
        try await withPages { service in
            let customer = try await service.customer()
            let invoice = try await service.october(of: customer)
            let note = try await service.adjusted(invoice, of: customer)
            let stranger = Browser(service)
            try await stranger.signIn()
            for path in [
                "/invoices/\(invoice)", "/invoices/\(invoice)/file?as=csv", "/invoices/\(invoice)/file?as=pdf",
                "/adjustments/\(note)/file", "/invoices/in_0000000000000000",
            ] {
                #expect(try await stranger.open(path).status == 404, "\(path)")
            }
            #expect(try await stranger.open("/billing").body.contains("Nothing has run this month"))
            #expect(try await stranger.open("/billing?cursor=%22%3E").status == 200)
            #expect(try await stranger.open("/billing/charges?month=%3Cscript%3E").status == 422)
        }
    }

    @Test func aNameIsTextInChartsAndLines() async throws {
        try await withPages { service in
            let customer = try await service.customer()
            let invoice = try await service.october(of: customer) { _ in "<svg/onload=alert(1)>" }
            let browser = Browser(service)
            try await browser.signIn(to: customer.account)
            for path in ["/billing", "/billing/charges", "/billing/charges?month=2026-10", "/invoices/\(invoice)"] {
                let page = try await browser.open(path)
                #expect(page.status == 200 && !page.body.contains("<svg/onload"), "\(path)")
                #expect(page.body.contains("&lt;svg/onload"), "\(path)")
            }
        }
    }
}
