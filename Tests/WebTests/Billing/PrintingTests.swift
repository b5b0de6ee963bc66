import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing
import Wire

/// PDF of invoices: who waits for whom, and what is kept.
@Suite(.timeLimit(.minutes(2)))
struct PrintingTests {
    private static let pdf = [("Accept", "application/pdf")]

    private struct Stage: Sendable {
        let service: LiveService
        let printer: StagedPrinter
        let directory: URL
        /// Of the store, apart from the service's.
        let time: ManualTime
    }

    private func staged(_ terms: BillingTerms = .sydney, _ body: @Sendable (Stage) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-printing-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let printer = StagedPrinter()
        let time = ManualTime()
        var settings = LiveSettings()
        settings.terms = terms
        settings.printer = DocumentStore(directory: directory.path(), printer: printer, time: time)
        try await withLiveService(settings) { service in
            try await body(Stage(service: service, printer: printer, directory: directory, time: time))
        }
    }

    /// The invoices of five months, of a customer with one server.
    private func fiveInvoices(_ customers: [LiveService.Customer], _ service: LiveService) async throws {
        service.pass(to: Sydney.october.start)
        for customer in customers { _ = try await service.test.deploy(customer.account, plan: "nano") }
        try await service.test.settle()
        for (month, moment) in [
            ("2026-10", 1_793_500_000), ("2026-11", 1_796_100_000), ("2026-12", 1_798_800_000),
            ("2027-01", 1_801_500_000), ("2027-02", 1_803_900_000),
        ] {
            service.pass(to: Int64(moment))
            _ = try await service.test.cloud.billing.close(through: try #require(Month(month)))
        }
    }

    private func paths(_ customer: LiveService.Customer, _ service: LiveService) async throws -> [String] {
        try await service.test.cloud.billing.invoices(of: customer.account).invoices.map { "/v1/invoices/\($0.id)" }
    }

    @Test func whoAsksAtTheSameTimeWaitsForTheSamePrinting() async throws {
        try await staged { stage in
            let service = stage.service
            let customer = try await service.customer()
            let id = try await service.october(of: customer)
            let gate = Gate()
            stage.printer.hold(customer.account, at: gate)
            try await withThrowingTaskGroup(of: LiveService.Reply.self) { tasks in
                for _ in 0..<6 {
                    tasks.addTask { try await service.get("/v1/invoices/\(id)", as: customer, headers: Self.pdf) }
                }
                await gate.visited()
                gate.open()
                for try await reply in tasks { #expect(reply.status == 200 && reply.body == "%PDF-\(id)") }
            }
            #expect(stage.printer.printed == ["\(id)"])
        }
    }

    @Test func oneAccountsDocumentsKeepNobodyElseWaiting() async throws {
        try await staged { stage in
            let service = stage.service
            let (busy, other) = (try await service.customer(), try await service.customer())
            try await fiveInvoices([busy, other], service)
            let gate = Gate()
            stage.printer.hold(busy.account, at: gate)
            let theirs = try await paths(busy, service)
            #expect(theirs.count == 5)
            try await withThrowingTaskGroup(of: LiveService.Reply.self) { tasks in
                for path in theirs {
                    tasks.addTask { try await service.get(path, as: busy, headers: Self.pdf) }
                }
                // Four of them have their places in the queue and wait; whichever came last is told.
                let told = try #require(try await tasks.next())
                #expect(told.status == 503 && told.header("Retry-After") == "10")
                #expect(told.body.contains("Too many documents"))
                for path in try await paths(other, service) {
                    #expect(try await service.get(path, as: other, headers: Self.pdf).status == 200)
                }
                // One at a time of each account.
                let begun = Set(stage.printer.printed)
                #expect(theirs.filter { begun.contains(String($0.dropFirst("/v1/invoices/".count))) }.count == 1)
                gate.open()
                for try await reply in tasks { #expect(reply.status == 200) }
            }
            #expect(stage.printer.printed.count == 9)
        }
    }

    @Test func whatFailedIsLeftAloneForAWhileAndSaysSo() async throws {
        try await staged { stage in
            let service = stage.service
            let customer = try await service.customer()
            let path = "/v1/invoices/\(try await service.october(of: customer))"
            stage.printer.setBroken(true)
            let first = try await service.get(path, as: customer, headers: Self.pdf)
            #expect(first.status == 503 && first.header("Retry-After") == "600")
            #expect(try first.json()["error"].string?.contains("text/html") == true)
            stage.time.advance(by: .seconds(400))
            for method in ["GET", "HEAD"] {
                let again = try await service.send(method, path, as: customer, headers: Self.pdf)
                #expect(again.status == 503 && again.header("Retry-After") == "200", "\(method)")
            }
            #expect(stage.printer.printed.count == 1)
            stage.printer.setBroken(false)
            stage.time.advance(by: .seconds(200))
            #expect(try await service.get(path, as: customer, headers: Self.pdf).status == 200)
            #expect(stage.printer.printed.count == 2)
        }
    }

    @Test func headPrintsNothingAndTheConnectionGoesOn() async throws {
        try await staged { stage in
            let service = stage.service
            let customer = try await service.customer()
            let path = "/v1/invoices/\(try await service.october(of: customer))"
            func request(_ method: String) -> String {
                "\(method) \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(customer.key)\r\n"
                    + "Accept: application/pdf\r\n\r\n"
            }
            try await withRawConnection(to: service.port) { connection in
                try await connection.send(request("HEAD") + request("HEAD"))
                let unprinted = try await connection.received("both heads") {
                    $0.components(separatedBy: "\r\n\r\n").count == 3
                }
                let heads = unprinted.components(separatedBy: "\r\n\r\n")
                // Not a byte stands between them: it would be taken for a part of the next answer.
                #expect(heads[1].hasPrefix("HTTP/1.1 200 OK\r\n") && heads[2].isEmpty, "\(unprinted)")
                #expect(heads[0].lowercased().contains("content-type: application/pdf"))
                #expect(!heads[0].lowercased().contains("content-length"))
                #expect(stage.printer.printed.isEmpty)
                try await connection.send(request("GET"))
                try await connection.received("the document") { $0.hasSuffix("%PDF-\(path.suffix(20))") }
            }
            let printed = try await service.send("HEAD", path, as: customer, headers: Self.pdf)
            #expect(printed.status == 200 && printed.header("Content-Length") == "\("%PDF-".count + 20)")
            #expect(stage.printer.printed.count == 1)
        }
    }

    @Test func whatAProcessLeftHalfWrittenIsRemoved() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-printing-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in [".inv_1.pdf.new", "inv_2.pdf"] {
            try Data("x".utf8).write(to: directory.appending(path: name))
        }
        _ = DocumentStore(directory: directory.path(), printer: StagedPrinter())
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()) == ["inv_2.pdf"])
    }

    @Test func howToPayIsSaidUntilItIsPaid() async throws {
        let instructions = ["Example <Bank>", "BSB 000-000, account 12345678"]
        try await staged(.terms(paymentInstructions: instructions)) { stage in
            let service = stage.service
            let customer = try await service.customer()
            let id = try await service.october(of: customer)
            let path = "/v1/invoices/\(id)"
            func page() async throws -> String {
                try await service.get(path, as: customer, headers: [("Accept", "text/html")]).body
            }
            let open = try await page()
            for text in [
                "How to pay", "Example &lt;Bank&gt;", "account 12345678", "quote the number of the invoice: 1",
            ] {
                #expect(open.contains(text), "\(text)")
            }
            #expect(try await service.get(path, as: customer, headers: Self.pdf).body == "%PDF-\(id)-open")
            let shown = try await service.get(path, as: customer).json()["data"]
            #expect(shown["payment_instructions"].elements.compactMap(\.string) == instructions)
            _ = try await service.test.cloud.billing.recordPayment(
                try NewPayment(
                    amount: Money(cents: 700), method: "bank-transfer", reference: "a",
                    receivedAt: service.test.time.now),
                by: service.test.requester(customer.account))
            #expect(try await !page().contains("How to pay"))
            #expect(try await service.get(path, as: customer, headers: Self.pdf).body == "%PDF-\(id)")
        }
    }
}
