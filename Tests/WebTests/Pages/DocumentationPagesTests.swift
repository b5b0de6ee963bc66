import Cloud
import Fakes
import Kernel
import Testing
import Web
import Wire

/// The documentation that anybody can read.
@Suite struct DocumentationPagesTests {
    private static let chapters = [
        "plans", "account", "servers", "ssh-keys", "domains", "dns", "billing", "repeats", "errors", "rate-limits",
        "service",
    ]

    private static let methods = ["get", "put", "post", "delete"]

    private static func members(of value: JSONValue) -> [JSONValue.Member] {
        if case .object(let members) = value { members } else { [] }
    }

    @Test func everyCallOfTheAPIIsExplainedWithTheReadersOwnHost() async throws {
        try await withPages { service in
            let browser = Browser(service)
            var text = try await browser.open("/docs").body
            #expect(text.contains("curl -X POST \(browser.here)/v1/servers"))
            for chapter in Self.chapters {
                let page = try await browser.open("/docs/\(chapter)")
                #expect(page.status == 200 && page.body.utf8.count < 60_000, "\(chapter): \(page.body.utf8.count)")
                text += page.body
            }
            #expect(!text.contains("$API") && !text.contains("**"))
            let document = try await service.get("/v1/openapi.json").json()
            let calls = try #require(
                Self.members(of: document).first { $0.name == "paths" }.map { Self.members(of: $0.value) })
            #expect(calls.count > 25)
            for call in calls {
                #expect(text.contains("<code>\(call.name)</code>"), "\(call.name)")
                for method in Self.members(of: call.value) where Self.methods.contains(method.name) {
                    let id = Self.members(of: method.value).first { $0.name == "operationId" }?.value
                    guard case .string(let id)? = id else {
                        Issue.record("\(call.name) has no name")
                        continue
                    }
                    #expect(text.contains("id=\"\(id)\""), "\(id)")
                }
            }
        }
    }

    @Test func everyCodeOfAnErrorIsExplained() async throws {
        try await withPages { service in
            let page = try await Browser(service).open("/docs/errors").body
            for code in Refusal.Code.allCases { #expect(page.contains("<code>\(code.rawValue)</code>"), "\(code)") }
        }
    }

    @Test func whatIsNoChapterIsNoPage() async throws {
        try await withPages { service in
            let reply = try await Browser(service).open("/docs/nothing")
            #expect(reply.status == 404)
        }
    }
}
