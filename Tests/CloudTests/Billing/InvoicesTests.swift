import Cloud
import Fakes
import Kernel
import Testing

/// From servers to invoices.
@Suite struct InvoicesTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aMonthsUseBecomesOneInvoice(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let october = try Sydney.period("2026-10")
            let server = try await test.run("standard", for: account, from: october.starts + .seconds(86_400))
            #expect(try await test.close("2026-09") == [])
            test.pass(to: october.starts + .seconds(10 * 86_400))
            _ = try await test.cloud.servers.act(
                .resize(to: "pro"), on: server.id.text, by: test.requester(account))
            try await test.settle()
            test.pass(to: october.ends + .seconds(3600))

            let closed = try await test.close("2026-10")
            let invoice = try await test.invoice(of: account)
            let summary = invoice.summary
            #expect(closed.map(\.month) == [summary.month] && closed.map(\.total) == [summary.total])
            #expect(summary.number == 1 && summary.month.description == "2026-10")
            #expect(invoice.lines.map(\.plan.text) == ["standard", "pro"])
            #expect(invoice.lines.map(\.planName) == ["Standard", "Pro"])
            #expect(invoice.lines[0].from == october.starts + .seconds(86_400))
            #expect(invoice.lines[0].to == invoice.lines[1].from && invoice.lines[1].to == october.ends)
            let exact = 3900 * invoice.lines[0].seconds + 7900 * invoice.lines[1].seconds
            #expect(summary.sum.cents == (2 * exact + october.seconds) / (2 * october.seconds))
            #expect(summary.taxAmount.cents == (2 * summary.sum.cents + 11) / 22)
            #expect(summary.total == summary.sum && summary.open == summary.total)
            #expect(invoice.lines.reduce(Money.zero) { $0 + $1.tax } == summary.taxAmount)
            #expect(invoice.seller.businessNumber == "51824753556" && invoice.buyer.email == "\(account)@example.com")
            #expect(summary.dueAt == test.terms.calendar.midnight(daysAfter: 14, summary.issuedAt))
            #expect(try await test.balance(of: account) == [summary.total.cents, 0, 1])
            #expect(try await test.findings() == [])
            #expect(try await Cloud.faults(of: test) == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func closingTwiceChangesNothing(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let october = try Sydney.period("2026-10")
            _ = try await test.run("nano", for: account, from: october.starts)
            test.pass(to: october.ends + .seconds(3600))
            #expect(try await test.close("2026-10").count == 1)
            let first = try await test.invoice(of: account)
            #expect(try await test.close("2026-10") == [])
            // As if it had died before it noted that the month is closed.
            try await test.write("DELETE FROM closed_months")
            #expect(try await test.close("2026-10").map(\.invoices) == [1])
            #expect(try await test.cloud.billing.invoices(of: account).invoices.count == 1)
            #expect(try await test.invoice(of: account) == first)
            #expect(first.summary.total.cents == 700)
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aLateCloseIssuesMonthByMonth(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            test.pass(to: try Sydney.start("2027-01") + .seconds(9000))
            #expect(try await test.close("2026-12").map(\.month.description) == ["2026-10", "2026-11", "2026-12"])
            let invoices = try await test.cloud.billing.invoices(of: account).invoices
            #expect(invoices.map(\.total.cents) == [3900, 3900, 3900])
            #expect(invoices.map(\.number) == [1, 2, 3])
            #expect(try await test.findings() == [])
        }
    }

    @Test func aMonthThatIsNotOverIsNotClosed() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let october = try Sydney.period("2026-10")
            _ = try await test.run("nano", for: account, from: october.starts)
            test.pass(to: october.ends + .seconds(3599))
            await #expect(throws: Refusal.self) { try await test.close("2026-10") }
            #expect(try await test.cloud.billing.invoices(of: account).invoices == [])
        }
    }

    @Test func withoutASellerNothingIsIssued() async throws {
        try await withTestCloud(.sqlite) { test in
            let nobody = Seller(name: "", businessNumber: nil, address: [], email: "")
            let bare = TestCloud(test.database, time: test.time, terms: .terms(seller: nobody))
            let account = try await bare.makeAccount()
            _ = try await bare.run("nano", for: account, from: try Sydney.start("2026-10"))
            bare.pass(to: try Sydney.start("2026-11") + .seconds(9000))
            await #expect(throws: Refusal.self) { try await bare.close("2026-10") }
            try await bare.cloud.billing.begin()
            _ = await bare.worker().runDue()
            #expect(try await bare.cloud.billing.invoices(of: account).invoices == [])
            // As soon as one is set, the work that waits goes on.
            bare.pass(to: bare.time.now + .seconds(3600))
            try await TestCloud(test.database, time: test.time).settle(within: .seconds(120))
            #expect(try await test.cloud.billing.invoices(of: account).invoices.count == 1)
        }
    }

    @Test func theTimeZoneStaysOnceAMonthIsClosed() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("nano", for: account, from: try Sydney.start("2026-10"))
            test.pass(to: try Sydney.start("2026-12") + .seconds(90_000))
            _ = try await test.close("2026-10")
            let moved = TestCloud(test.database, time: test.time, terms: .terms(timeZone: "Europe/Berlin"))
            await #expect(throws: Refusal.self) { try await moved.close("2026-11") }
            #expect(try await test.close("2026-11").count == 1)
        }
    }

    @Test(arguments: GoodsAndServicesTax.allCases)
    func theTaxIsAsTheTermsSay(tax: GoodsAndServicesTax) async throws {
        try await withTestCloud(.sqlite) { test in
            let cloud = TestCloud(test.database, time: test.time, terms: .terms(tax: tax))
            let account = try await cloud.makeAccount()
            _ = try await cloud.run("standard", for: account, from: try Sydney.start("2026-10"))
            cloud.pass(to: try Sydney.start("2026-11") + .seconds(3600))
            let usage = try await cloud.cloud.billing.usage(account, at: try Sydney.start("2026-11") - .seconds(1))
            _ = try await cloud.close("2026-10")
            let summary = try await cloud.invoice(of: account).summary
            let expected: [Int64] =
                switch tax {
                case .inclusive: [3900, 355, 3900]
                case .exclusive: [3900, 390, 4290]
                case .none: [3900, 0, 3900]
                }
            #expect([summary.sum.cents, summary.taxAmount.cents, summary.total.cents] == expected)
            #expect(usage.forecast == summary.total)
            #expect(try await cloud.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aClockThatIsSetBackNeverReachesAnInvoicedMonth(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let october = try Sydney.period("2026-10")
            let server = try await test.run("standard", for: account, from: october.starts)
            test.pass(to: october.ends + .seconds(7200))
            _ = try await test.close("2026-10")
            let before = try await test.invoice(of: account)
            test.time.set(forwardBy: .seconds(-10 * 86_400))
            _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
            let late = try await test.deploy(account, plan: "nano")
            try await test.settle()
            _ = try await test.cloud.servers.destroy(late.id.text, by: test.requester(account))
            try await test.settle()
            #expect(try await test.invoice(of: account) == before)
            #expect(try await test.findings() == [])
            test.pass(to: try Sydney.start("2026-12") + .seconds(3600))
            _ = try await test.close("2026-11")
            #expect(try await test.cloud.billing.invoices(of: account).invoices.count == 1)
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func twoClosersMakeEachInvoiceOnce(kind: TestDatabase.Kind) async throws {
        let races = FaultLedger.isFullSize ? 200 : 20
        try await withTestCloud(kind) { test in
            var accounts: [AccountID] = []
            for _ in 0..<5 { accounts.append(try await test.makeAccount()) }
            for account in accounts { _ = try await test.deploy(account, plan: "starter") }
            try await test.settle()
            var month = try Sydney.named("2026-09")
            for _ in 0..<races {
                test.pass(to: test.terms.calendar.period(of: month).ends + .seconds(3600))
                let last = month
                async let first = test.cloud.billing.close(through: last)
                async let second = test.cloud.billing.close(through: last)
                _ = try await (first, second)
                month = month.next
            }
            for account in accounts {
                let invoices = try await test.cloud.billing.invoices(of: account).invoices
                #expect(Set(invoices.map(\.month)).count == races && invoices.count == races)
            }
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func creditGoesFirst(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            _ = try await test.cloud.billing.grantCredit(
                Money(cents: 5000), because: "Welcome", by: test.requester(account))
            test.pass(to: try Sydney.start("2026-12") + .seconds(3600))
            _ = try await test.close("2026-11")
            let first = try await test.invoice(of: account, "2026-10")
            #expect(first.summary.open == .zero && first.summary.settledAt != nil)
            #expect(first.settlements.map(\.means) == [.credit] && first.settlements[0].amount.cents == 3900)
            let second = try await test.invoice(of: account, "2026-11")
            #expect(second.summary.open.cents == 2800)
            #expect(try await test.balance(of: account) == [2800, 0, 1])
            #expect(try await test.findings() == [])
        }
    }

    @Test func pagesOfInvoicesHoldTogether() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("nano", for: account, from: try Sydney.start("2026-10"))
            test.pass(to: try Sydney.start("2027-03") + .seconds(3600))
            _ = try await test.close("2027-02")
            let all = try await test.cloud.billing.invoices(of: account).invoices
            var paged: [InvoiceSummary] = []
            var cursor: InvoiceCursor?
            repeat {
                let page = try await test.cloud.billing.invoices(of: account, limit: 2, after: cursor)
                paged += page.invoices
                cursor = page.next.flatMap { InvoiceCursor($0.text) }
            } while cursor != nil
            #expect(all.count == 5 && paged == all)
            let stranger = try await test.makeAccount()
            await #expect(throws: Refusal.self) {
                try await test.cloud.billing.invoice(all[0].id.text, of: stranger)
            }
        }
    }

    @Test func usageAndPreviewTellTheInvoice() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let october = try Sydney.period("2026-10")
            let server = try await test.run("standard", for: account, from: october.starts)
            let half = october.starts + .seconds(october.seconds / 2)
            test.pass(to: half)
            let usage = try await test.cloud.billing.usage(account, at: half)
            #expect(usage.accrued.cents == 1950 && usage.forecast.cents == 3900)
            #expect(usage.lines.map(\.seconds) == [october.seconds / 2])
            #expect(usage.servers.map(\.server) == [server.id])
            let preview = try await test.cloud.billing.preview(account, at: half)
            #expect(preview.total.cents == 1950 && preview.lines.count == 1)
            test.pass(to: october.ends + .seconds(october.seconds / 2))
            let november = try Sydney.period("2026-11")
            let expected = 3900 + (2 * 3900 * (october.seconds / 2) + november.seconds) / (2 * november.seconds)
            #expect(try await test.cloud.servers.showWithCost(server.id.text, of: account).cost.cents == expected)
        }
    }
}

extension Cloud {
    /// What `check` calls broken, whatever still moves.
    static func faults(of test: TestCloud) async throws -> [String] {
        try await test.cloud.check(pauses: []).verdicts.flatMap { verdict in
            verdict.broken.shown.map { "\(verdict.id): \($0.subject): \($0.words)" }
        }
    }
}
