import Cloud
import Fakes
import Kernel
import Testing

/// What a daemon is told of who sells and how: stored, and the same for whoever issues invoices.
@Suite struct StoredTermsTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func invoicesAreIssuedOnWhatTheLastDaemonStored(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            let seller = Seller(
                name: "Later Cloud", businessNumber: BusinessNumber("51 824 753 556"), address: ["2 Road", "Perth"],
                email: "later@cloud.example")
            let told = BillingTerms.terms(seller: seller, paymentDays: 30)
            _ = try await BillingTerms.terms().adopted(in: test.database, at: test.time.now)
            _ = try await told.adopted(in: test.database, at: test.time.now)
            test.pass(to: try Sydney.start("2026-11") + .seconds(3600))
            // Whoever closes has been told something else.
            _ = try await test.close("2026-10")
            let invoice = try await test.invoice(of: account)
            #expect(invoice.seller.name == "Later Cloud" && invoice.seller.address == ["2 Road", "Perth"])
            #expect(invoice.summary.dueAt == told.calendar.midnight(daysAfter: 30, invoice.summary.issuedAt))
            let stored = try await BillingTerms.stored(in: test.database)
            #expect(stored?.seller == seller && stored?.paymentDays == 30 && stored?.tax == .inclusive)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anotherGSTStatusHoldsFromTheNextMonthOn(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            _ = try await BillingTerms.terms().adopted(in: test.database, at: test.time.now)
            // In the middle of October, before September's end could have been closed.
            test.pass(to: try Sydney.start("2026-10") + .seconds(10 * 86_400))
            let changed = try await BillingTerms.terms(tax: .none).adopted(in: test.database, at: test.time.now)
            #expect(changed.tax(in: try Sydney.named("2026-09")) == .inclusive)
            #expect(changed.tax(in: try Sydney.named("2026-10")) == .inclusive)
            #expect(changed.tax(in: try Sydney.named("2026-11")) == .none)
            let later = TestCloud(test.database, time: test.time, terms: changed)
            #expect(try await later.cloud.billing.usage(account).tax == .inclusive)
            test.pass(to: try Sydney.start("2026-12") + .seconds(3600))
            _ = try await later.close("2026-11")
            let taxes = try await test.cloud.billing.invoices(of: account).invoices.map {
                [$0.tax.rawValue, "\($0.taxAmount.cents)"]
            }
            #expect(taxes == [["inclusive", "355"], ["none", "0"]])
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatWasSaidForMonthsToComeIsReplaced(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            test.pass(to: try Sydney.start("2026-10") + .seconds(86_400))
            func say(_ tax: GoodsAndServicesTax) async throws -> [String] {
                let terms = try await BillingTerms.terms(tax: tax).adopted(in: test.database, at: test.time.now)
                let stored = try await BillingTerms.stored(in: test.database)
                #expect(stored?.taxes == terms.taxes)
                return terms.taxes.map { "\($0.month) \($0.tax)" }
            }
            #expect(try await say(.inclusive) == ["2026-10 inclusive"])
            #expect(try await say(.inclusive) == ["2026-10 inclusive"])
            #expect(try await say(.exclusive) == ["2026-10 inclusive", "2026-11 exclusive"])
            #expect(try await say(.none) == ["2026-10 inclusive", "2026-11 none"])
            #expect(try await say(.inclusive) == ["2026-10 inclusive"])
            #expect(try await say(.exclusive) == ["2026-10 inclusive", "2026-11 exclusive"])
            test.pass(to: try Sydney.start("2026-11") + .seconds(86_400))
            #expect(try await say(.exclusive) == ["2026-10 inclusive", "2026-11 exclusive"])
            #expect(
                try await say(.none) == ["2026-10 inclusive", "2026-11 exclusive", "2026-12 none"])
        }
    }

    @Test func whoHasNotSaidWhoSellsIsStillSettingUp() async throws {
        try await withTestCloud(.sqlite) { test in
            let nobody = Seller(name: "", businessNumber: nil, address: [], email: "")
            _ = try await BillingTerms.terms(seller: nobody).adopted(in: test.database, at: test.time.now)
            let terms = try await BillingTerms.terms(tax: .none).adopted(in: test.database, at: test.time.now)
            #expect(terms.taxes.map(\.tax) == [.none])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aDaemonThatIsToldOfNoSellerLeavesTheOneThereIs(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let known = try await BillingTerms.terms().adopted(in: test.database, at: test.time.now).seller
            let nobody = Seller(name: "", businessNumber: nil, address: [], email: "")
            let terms = try await BillingTerms.terms(seller: nobody, paymentDays: 30).adopted(
                in: test.database, at: test.time.now)
            #expect(terms.seller == known && !known.name.isEmpty && terms.paymentDays == 30)
            #expect(try await BillingTerms.stored(in: test.database)?.seller == known)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theTimeZoneStaysOnceAMonthIsBeingClosed(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("nano", for: account, from: try Sydney.start("2026-10"))
            _ = try await BillingTerms.terms(timeZone: "Europe/Berlin").adopted(in: test.database, at: test.time.now)
            _ = try await BillingTerms.terms().adopted(in: test.database, at: test.time.now)
            test.pass(to: try Sydney.start("2026-11") + .seconds(3600))
            _ = try await test.close("2026-10")
            do {
                _ = try await BillingTerms.terms(timeZone: "Europe/Berlin").adopted(
                    in: test.database, at: test.time.now)
                Issue.record("another time zone was taken")
            } catch let refusal as Refusal {
                #expect(refusal.sentence.contains("--time-zone Australia/Sydney"))
            }
            #expect(try await BillingTerms.stored(in: test.database)?.calendar.timeZone == "Australia/Sydney")
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func ofManyDaemonsThatStartAtOnceOneIsTheLast(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            await withTaskGroup(of: Void.self) { group in
                for days in 1...8 {
                    group.addTask {
                        _ = try? await BillingTerms.terms(
                            tax: GoodsAndServicesTax.allCases[days % 3], paymentDays: days
                        ).adopted(in: test.database, at: test.time.now)
                    }
                }
            }
            let stored = try #require(try await BillingTerms.stored(in: test.database))
            #expect(
                stored.taxes.count <= 2
                    && stored.taxes.last?.tax == GoodsAndServicesTax.allCases[stored.paymentDays % 3])
        }
    }
}
