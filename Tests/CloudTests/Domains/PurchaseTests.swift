import Cloud
import Fakes
import Kernel
import Testing

/// What names cost: charged once as they are ordered, invoiced as they are had, taken back where they are not.
@Suite struct PurchaseTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aNameIsChargedAsItIsOrderedAndInvoicedAsItIsHad(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let account = try await cloud.test.makeAccount()
            let domain = try await cloud.register("mybusiness.com", for: account, years: 2)
            #expect(try await cloud.postings() == ["domain:2026 unbilled revenue 4390"])
            #expect(try await cloud.test.findings() == [])
            #expect(try await cloud.test.cloud.billing.invoices(of: account).invoices == [])
            #expect(try await cloud.test.balance(of: account) == [0, 0, 1])

            try await cloud.test.settle()
            #expect(
                try await cloud.postings() == [
                    "domain:2026 unbilled revenue 4390", "invoice receivable unbilled 4390",
                    "invoice revenue gst-payable 399",
                ])
            let invoice = try await cloud.test.invoice(of: account)
            #expect(invoice.summary.kind == .domain && invoice.summary.number == 1)
            #expect(invoice.summary.purchase?.name == "mybusiness.com" && invoice.lines == [])
            #expect(invoice.summary.total == Money(cents: 4390) && invoice.summary.open == Money(cents: 4390))
            let line = try #require(invoice.purchase)
            #expect(line.domain == domain.id && line.text == "mybusiness.com, 2 years from 2026-09-21")
            #expect(line.price == Money(cents: 2195) && line.quantity == 2 && line.tax == Money(cents: 399))
            #expect(line.to == line.from.later(byYears: 2) && invoice.period.ends == line.to)
            #expect(try await cloud.test.balance(of: account) == [4390, 0, 1])
            try await isSound(cloud)
            let text = Exported()
            try await cloud.test.cloud.billing.exportLedger(from: "2026-07-01", to: "2027-06-30") { text.lines += $0 }
            let rows = CSVReader.rows(of: text.lines).dropFirst()
            #expect(rows.count == 3 && rows.allSatisfy { $0[11] == "1" }, "each names the invoice")
            let letters = try await cloud.test.database.read("SELECT kind FROM mails").map { try $0.text("kind") }
            #expect(letters == ["invoice-issued"])
        }
    }

    @Test(arguments: [
        (GoodsAndServicesTax.inclusive, 200, 2195), (.exclusive, 220, 2415), (.none, 0, 2195),
    ])
    func taxIsOfTheInvoice(tax: GoodsAndServicesTax, cents: Int64, total: Int64) async throws {
        for kind in TestDatabase.Kind.allCases {
            try await withNamedCloud(kind, terms: .terms(tax: tax)) { cloud in
                let (account, _) = try await cloud.held()
                let invoice = try await cloud.test.invoice(of: account)
                #expect(
                    invoice.summary.taxAmount == Money(cents: cents) && invoice.summary.total == Money(cents: total))
                #expect(invoice.summary.sum == Money(cents: 2195) && invoice.purchase?.tax == Money(cents: cents))
                let sums = try await cloud.balances()
                #expect(sums["unbilled"] == nil && sums["receivable"] == total)
                #expect(sums["gst-payable"] == (cents == 0 ? nil : -cents))
                #expect(sums["revenue"] == cents - total)
                try await isSound(cloud)
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsNotHadIsTakenBackOnce(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let account = try await cloud.test.makeAccount()
            // The same name in the same year, twice.
            for _ in 1...2 {
                _ = try await cloud.register("shop-refused.com", for: account)
                try await cloud.test.settle()
            }
            let pair = ["domain:2026 unbilled revenue 2195", "domain-reversal revenue unbilled 2195"]
            #expect(try await cloud.postings().sorted() == (pair + pair).sorted())
            #expect(try await cloud.balances() == [:])
            #expect(try await cloud.test.cloud.billing.invoices(of: account).invoices == [])
            #expect(try await cloud.test.balance(of: account) == [0, 0, 1])
            try await isSound(cloud)
        }
    }

    /// Only the registry's own word gives money back: what it is still at after a week may yet be had.
    @Test func whatTheRegistryIsStillAtAfterAWeekStandsAndIsInvoicedOnce() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            let domain = try await cloud.register("shop-slow.com", for: account)
            _ = await cloud.test.worker().runDue()
            // The registry has thought for all of the week but a second.
            let soon = cloud.test.time.now + .seconds(1)
            try await cloud.test.write("UPDATE workflows SET deadline = \(soon) WHERE subject = \(domain.id)")
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .active)
            #expect(try await cloud.postings().filter { $0.hasPrefix("domain-reversal") } == [])
            #expect(try await cloud.test.invoice(of: account).summary.total == Money(cents: 2195))
            try await isSound(cloud)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func creditPaysFirst(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (rich, poor) = (try await cloud.test.makeAccount(), try await cloud.test.makeAccount())
            _ = try await cloud.test.pay(3000, "much", for: rich)
            _ = try await cloud.test.pay(195, "little", for: poor)
            _ = try await cloud.register("rich.com", for: rich)
            _ = try await cloud.register("poor.com", for: poor)
            try await cloud.test.settle()
            #expect(try await cloud.test.balance(of: rich) == [0, 805, 1])
            #expect(try await cloud.test.invoice(of: rich).summary.settledAt != nil)
            #expect(try await cloud.test.balance(of: poor) == [2000, 0, 1])
            try await isSound(cloud)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func eachRenewalIsAPurchase(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            for years in [1, 2] {
                _ = try await cloud.domains.act(
                    DomainActionOrder(action: "renew", years: years), on: domain.id.text,
                    by: cloud.requester(account))
                try await cloud.test.settle()
            }
            let charges = try await cloud.postings().filter { $0.hasPrefix("domain:") }
            #expect(
                charges == [
                    "domain:2026 unbilled revenue 2195", "domain:2027 unbilled revenue 2195",
                    "domain:2028 unbilled revenue 4390",
                ])
            let invoices = try await cloud.test.cloud.billing.invoices(of: account).invoices
            #expect(invoices.map(\.number) == [1, 2, 3] && Set(invoices.map(\.month)).count == 1)
            let last = try await cloud.test.cloud.billing.invoice(invoices[2].id.text, of: account)
            #expect(last.purchase?.text == "mybusiness.com, renewed for 2 years from 2028-09-21")
            #expect(try await cloud.test.balance(of: account) == [4 * 2195, 0, 1])
            try await isSound(cloud)
        }
    }

    @Test func aTransferIsChargedAndOneThatCostsNothingIsInNoBook() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            try await cloud.setRegistrant(of: account)
            for name in ["mine-taken.com.au", "mine-taken.com"] {
                #expect(try await cloud.postings() == [])
                _ = try await cloud.domains.register(
                    DomainOrder(domain: name, transferCode: "sandbox-code"), by: cloud.requester(account))
                try await cloud.test.settle()
            }
            #expect(try await cloud.orders() == ["transfer done", "transfer done"])
            let invoice = try await cloud.test.invoice(of: account)
            #expect(invoice.purchase?.text.hasPrefix("mine-taken.com, transferred on 2026-09-21") == true)
            #expect(invoice.purchase?.quantity == 1 && invoice.summary.total == Money(cents: 2195))
            try await isSound(cloud)
        }
    }

    /// An invoice of a name is none of the month's.
    @Test(arguments: TestDatabase.Kind.allCases)
    func aMonthHasItsOwnInvoiceBesideThoseOfNames(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let account = try await cloud.test.makeAccount()
            _ = try await cloud.test.run("standard", for: account, from: try Sydney.start("2026-10"))
            _ = try await cloud.register("mine.com", for: account)
            try await cloud.test.settle()
            cloud.test.pass(to: try Sydney.start("2026-11") + .seconds(7200))
            #expect(try await cloud.test.close("2026-10").map(\.total) == [Money(cents: 3900)])
            let invoices = try await cloud.test.cloud.billing.invoices(of: account).invoices
            #expect(
                invoices.map(\.kind) == [.domain, .month]
                    && invoices.map(\.month.description) == ["2026-10", "2026-10"])
            let usage = try await cloud.test.cloud.billing.usage(account, month: "2026-10")
            #expect(usage.invoice == invoices[1].id && usage.accrued == Money(cents: 3900))
            #expect(try await cloud.test.balance(of: account) == [3900 + 2195, 0, 1])
            try await isSound(cloud)
        }
    }

    @Test func waitsForWhoSellsAndIsInvoicedThen() async throws {
        let nobody = Seller(name: "", businessNumber: nil, address: [], email: "")
        try await withNamedCloud(.sqlite, terms: .terms(seller: nobody)) { cloud in
            let account = try await cloud.test.makeAccount()
            let domain = try await cloud.register("mine.com", for: account)
            // It is tried again every hour.
            try await cloud.test.settle(within: .seconds(60))
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .active)
            #expect(try await cloud.test.cloud.billing.invoices(of: account).invoices == [])
            #expect(try await cloud.balances() == ["unbilled": 2195, "revenue": -2195])
            try await isSound(cloud)
            _ = try await BillingTerms.sydney.adopted(in: cloud.test.database, at: cloud.test.time.now)
            cloud.test.time.advance(by: .seconds(3600))
            try await cloud.test.settle()
            #expect(try await cloud.test.invoice(of: account).seller.name == "Test Cloud Pty Ltd")
            try await isSound(cloud)
        }
    }

    private final class Exported {
        var lines = ""
    }

    /// Names of many prices and terms, over the end of a month, as the second implementation says.
    @Test(arguments: GoodsAndServicesTax.allCases)
    func everyInvoiceIsAsTheSecondImplementationSays(tax: GoodsAndServicesTax) async throws {
        try await withNamedCloud(.sqlite, terms: .terms(tax: tax)) { cloud in
            let account = try await cloud.test.makeAccount(spendCap: 100_000_000)
            cloud.test.pass(to: try Sydney.start("2026-10") - .seconds(10 * 3600))
            let endings = TopLevelDomain.builtIn.filter { !$0.needsRegistrant }
            var orders: [BillingOracle.Order] = []
            for number in 0..<30 {
                let ending = endings[number % endings.count]
                let years = 1 + number * 7 % 10
                let at = cloud.test.time.now
                _ = try await cloud.register("name\(number).\(ending.suffix)", for: account, years: years)
                let id = try await cloud.test.database.read(
                    "SELECT id FROM domain_orders WHERE ordered_at = \(at)")[0].text("id")
                orders.append(
                    BillingOracle.Order(
                        id: id, priceCents: ending.registration.cents, years: years, orderedAt: at.microseconds))
                cloud.test.time.advance(by: .seconds(2000))
            }
            try await cloud.test.settle()
            let theirs = try await BillingOracle.invoices(of: orders, in: cloud.test.terms.calendar, tax: tax)
            let ours = try await cloud.test.cloud.billing.invoices(of: account).invoices.map { invoice in
                let id = invoice.purchase?.order.text ?? ""
                return "\(id) \(invoice.month) sum \(invoice.sum.cents) tax \(invoice.taxAmount.cents) "
                    + "total \(invoice.total.cents)"
            }
            #expect(ours.sorted() == theirs.sorted() && ours.count == 30)
            #expect(Set(theirs.map { $0.split(separator: " ")[1] }) == ["2026-09", "2026-10"])
            try await isSound(cloud)
        }
    }

    @Test func aTryToChargeAnOrderIsNamedForEver() throws {
        let account = AccountID(from: SystemRandomness())
        for topic in [InvoiceTopic.order(DomainOrderID(from: SystemRandomness())), .month(try Sydney.named("2026-11"))]
        {
            let key = ChargeKey(account: account, topic: topic, attempt: 3)
            #expect(ChargeKey(key.text) == key)
        }
        #expect(ChargeKey("invoice:\(account):dm_0000000000000000:1") == nil)
    }

    private func isSound(_ cloud: NamedCloud) async throws {
        #expect(try await cloud.test.findings() == [])
        #expect(try await Books(cloud.test).faults() == [])
    }
}

extension NamedCloud {
    /// `domain:2026 unbilled revenue 2195`: what kind of transaction, with the year of an order, and each posting of
    /// it; what an account paid and how credit was used is left out.
    func postings() async throws -> [String] {
        try await test.database.read(
            """
            SELECT key, debit, credit, cents FROM ledger_postings
            JOIN ledger_transactions ON ledger_transactions.id = ledger_postings.transaction_id
            ORDER BY at, key, position
            """
        ).map { row in
            let parts = try row.text("key").split(separator: ":")
            let kind = parts[0] == "domain" ? "domain:\(parts[2])" : "\(parts[0])"
            return "\(kind) \(try row.text("debit")) \(try row.text("credit")) \(try row.integer("cents"))"
        }
    }

    /// Debits less credits of each account of the books that is not even.
    func balances() async throws -> [String: Int64] {
        var sums: [String: Int64] = [:]
        for row in try await test.database.read("SELECT debit, credit, cents FROM ledger_postings") {
            sums[try row.text("debit"), default: 0] += try row.integer("cents")
            sums[try row.text("credit"), default: 0] -= try row.integer("cents")
        }
        return sums.filter { $0.value != 0 }
    }

    func setRegistrant(of account: AccountID) async throws {
        let contact = Registrant.Contact(
            name: "Ana", email: "ana@example.com", phone: "+61.291234567", street: "1 Sample Street", city: "Sydney",
            state: "NSW", postcode: "2000", country: "AU")
        let registrant = try Registrant(
            legalName: "Sample Pty Ltd", identity: Registrant.Identity(.businessNumber, "51 824 753 556"),
            eligibility: .company, contact: contact)
        try await domains.setRegistrant(registrant, by: requester(account))
    }

    /// Pays all that the account owes.
    func payAll(_ account: AccountID) async throws {
        let owed = try await test.balance(of: account)[0]
        if owed > 0 { _ = try await test.pay(owed, "all at \(test.time.now.microseconds)", for: account) }
    }
}
