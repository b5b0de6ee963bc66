import Cloud
import Fakes
import Kernel
import Testing

/// A name, from the search to its records, in a browser.
@Suite struct DomainPagesTests {
    @Test func aNameIsBoughtConnectedAndItsRecordsAreKept() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let server = try await service.test.deploy(account, name: "web").id.text
            try await service.test.settle()
            let found = try await browser.open("/domains/new?name=mine.com")
            #expect(found.status == 200 && found.body.contains("mine.com can be yours"))
            let order = [("domain", "mine.com"), ("years", "1"), ("once", "f-1")]
            let bought = try await browser.submit("/domains", order, from: "/domains/new?name=mine.com")
            let page = try #require(bought.header("Location"))
            let again = try await browser.submit("/domains", order, from: "/domains/new?name=mine.com")
            #expect(again.header("Location") == page)
            try await service.test.settle()
            #expect(try await service.test.cloud.domains.list(of: account).count == 1)
            #expect(try await browser.open("/domains").body.contains("Active"))

            let wrong = try await browser.submit(
                "\(page)/records", [("name", "www"), ("type", "A"), ("value", "nonsense"), ("ttl", "60")], from: page)
            #expect(wrong.status == 422 && wrong.body.contains("id=\"value-error\""))
            #expect(wrong.body.contains("nonsense</textarea>"))
            let kept = try await browser.submit(
                "\(page)/records", [("name", "blog"), ("type", "A"), ("value", "192.0.2.1\n192.0.2.2"), ("ttl", "60")],
                from: page)
            #expect(kept.header("Location") == "\(page)?done=record")
            let connected = try await browser.submit("\(page)/connect", [("server", server)], from: page)
            #expect(connected.header("Location") == "\(page)?done=connected")
            let shown = try await browser.open(page).body
            for words in ["192.0.2.1", "192.0.2.2", "follows its server"] { #expect(shown.contains(words), "\(words)") }

            let records = try await service.test.cloud.domains.records(
                of: String(page.dropFirst("/domains/".count)), account: account
            ).list
            let blog = try #require(records.first { $0.value == "192.0.2.1" })
            #expect(try await browser.open("\(page)?edit=\(blog.id)").body.contains("192.0.2.1\n192.0.2.2</textarea>"))
            let removed = try await browser.submit("\(page)/records/\(blog.id)/remove", [], from: page)
            #expect(removed.header("Location") == "\(page)?done=removed")
            #expect(try await !browser.open(page).body.contains("192.0.2.1<"))
        }
    }

    @Test func aFileIsImportedOnceItsDifferenceWasSeenAndTakenBack() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let domain = try await service.test.cloud.domains.register(
                DomainOrder(domain: "mine.com"), by: service.test.requester(account))
            try await service.test.settle()
            let page = "/domains/\(domain.id)"
            let before = try await service.test.cloud.domains.records(of: domain.id.text, account: account)
            let file = "blog 60 IN A 192.0.2.9"
            let tried = try await browser.submit("\(page)/import", [("zone_file", file)])
            #expect(tried.status == 200 && tried.body.contains("<li>+ ") && tried.body.contains("60 A 192.0.2.9"))
            let version = try #require(Browser.value(of: "version", in: tried.body))
            #expect(version == "\(before.domain.version.number)")
            let fields = [("zone_file", file), ("version", version)]
            let stale = try await browser.submit(
                "\(page)/import/confirm", [("zone_file", file), ("version", "999")], from: "\(page)/import")
            #expect(stale.status >= 400)
            let imported = try await browser.submit("\(page)/import/confirm", fields, from: "\(page)/import")
            #expect(imported.header("Location") == "\(page)?done=imported", "\(imported.body)")
            #expect(try await browser.open("\(page)/history").body.contains("import"))
            let reverted = try await browser.submit("\(page)/revert", [("version", version)], from: page)
            #expect(reverted.header("Location") == "\(page)?done=reverted")
            let after = try await service.test.cloud.domains.records(of: domain.id.text, account: account)
            #expect(after.list.map(\.value) == before.list.map(\.value))
            #expect(try await browser.submit("\(page)/delete", [("typed", "mine.co")], from: page).status == 422)
            let gone = try await browser.submit("\(page)/delete", [("typed", "mine.com")], from: page)
            #expect(gone.header("Location") == "/domains?done=deleted")
        }
    }

    @Test func somebodyElsesNameIsNone() async throws {
        try await withPages { service in
            let customer = try await service.customer()
            let domain = try await service.domain(of: customer)
            let browser = Browser(service)
            try await browser.signIn()
            for path in ["", "/history", "/import", "/check"] {
                #expect(try await browser.open("/domains/\(domain)\(path)").status == 404, "\(path)")
            }
            for (path, field) in [
                ("actions", "action"), ("connect", "server"), ("dnssec", "enabled"), ("delete", "typed"),
                ("records", "name"), ("revert", "version"), ("import", "zone_file"), ("import/confirm", "zone_file"),
            ] {
                let reply = try await browser.submit("/domains/\(domain)/\(path)", [(field, "lock")], from: "/account")
                #expect(reply.status == 404, "\(path)")
            }
            let hostile = "<script>alert(1)</script>"
            let reply = try await browser.open("/domains/new?" + Browser.encoded([("name", hostile)]))
            #expect(reply.status == 422 && !reply.body.contains("<script>alert"))
        }
    }
}

/// What moves with a name: who holds it, its code, its file.
@Suite struct RegistrantPagesTests {
    @Test func aRegistrantIsKeptAndFaultsStandBesideTheirFields() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            let page = "/domains/registrant"
            var fields = [
                ("legal_name", "Example Pty Ltd"), ("id_type", "ABN"), ("id_number", "51 824 753 556"),
                ("eligibility_type", "Company"), ("contact.name", "Ada"), ("contact.email", "ada@example.com"),
                ("contact.phone", "+61.291234567"), ("contact.street", "1 Street"), ("contact.city", "Sydney"),
                ("contact.state", "NSW"), ("contact.postcode", "2000"), ("contact.country", "Australia"),
            ]
            let wrong = try await browser.submit(page, fields)
            #expect(wrong.status == 422 && wrong.body.contains("id=\"contact.country-error\""), "\(wrong.body)")
            #expect(wrong.body.contains("value=\"Example Pty Ltd\""))
            fields[11].1 = "AU"
            #expect(try await browser.submit(page, fields).header("Location") == "\(page)?done=set")
            #expect(try await browser.open(page).body.contains("value=\"51824753556\""))
        }
    }

    @Test func theTransferCodeIsShownForThePasswordAndIsInTheLog() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            let order = [("domain", "mine.com"), ("years", "1"), ("once", "f-1")]
            let bought = try await browser.submit("/domains", order, from: "/domains/new?name=mine.com")
            let page = try #require(bought.header("Location"))
            try await service.test.settle()
            let locked = try await browser.submit("\(page)/transfer-code", [], from: page)
            #expect(locked.status == 409 && locked.body.contains("locked"))
            try await browser.submit("\(page)/actions", [("action", "unlock"), ("once", "u")], from: page)
            try await service.test.settle()
            try await service.test.database.commit([Write("test.old", "UPDATE sessions SET proved_at = 1")])
            let asked = try await browser.submit("\(page)/transfer-code", [], from: page)
            #expect(asked.body.contains("Your password, once more"))
            let shown = try await browser.submit(
                "\(page)/transfer-code", [("password_again", "correct horse")], from: page)
            #expect(shown.body.contains("data-copy=\"the transfer code\""), "\(shown.body)")
            #expect(try await browser.open("/audit").body.contains("Transfer code shown"))
            let file = try await browser.open("\(page)/zone")
            #expect(file.header("Content-Disposition") == "attachment; filename=\"mine.com.zone\"")
            #expect(file.body.contains("SOA") || file.body.contains("$ORIGIN"))
        }
    }
}
