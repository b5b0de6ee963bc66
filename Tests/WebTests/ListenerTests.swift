import AsyncHTTPClient
import Cloud
import Fakes
import Foundation
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import Testing
import Web

@Suite struct ListenerTests {
    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("localhost", true), ("0.0.0.0", false),
        ("::", false), ("10.0.0.1", false), ("192.168.1.1", false), ("caiport.com", false), ("127.evil.com", false),
        ("127.0.0.1.evil.com", false), ("", false),
    ])
    func onlyThisHostIsLoopback(host: String, isLoopback: Bool) {
        #expect(ListenAddress(host: host, port: 1).isLoopback == isLoopback)
    }

    private func build(_ change: (inout WebSettings) -> Void) async throws {
        var settings = WebSettings(address: ListenAddress(host: "127.0.0.1", port: 0))
        change(&settings)
        try await withTestCloud(.sqlite) { [settings] test in
            _ = try buildApplication(
                cloud: test.cloud, settings: settings, time: test.time, randomness: test.randomness,
                metrics: PrometheusMetrics(), logger: .silent)
        }
    }

    @Test func plainHTTPBeyondThisHostIsRefused() async throws {
        let elsewhere = ListenAddress(host: "0.0.0.0", port: 0)
        await #expect {
            try await build { $0.address = elsewhere }
        } throws: {
            "\($0)".hasPrefix("Refusing plain HTTP on 0.0.0.0:0: API keys would cross the network in the clear")
        }
        await #expect(throws: ListenerRefused.self) { try await build { $0.operatorAddress = elsewhere } }
        try await build {
            $0.address = elsewhere
            $0.behindProxy = true
        }
    }

    @Test func tlsFilesThatCannotBeUsedAreNamed() async throws {
        await #expect {
            try await build { $0.tls = TLSFiles(certificate: "/nowhere/cert.pem", key: "/nowhere/key.pem") }
        } throws: {
            $0 is ListenerRefused && "\($0)".contains("/nowhere/cert.pem")
        }
        try await withCertificate { files in
            try await withCertificate { others in
                await #expect {
                    try await build { $0.tls = TLSFiles(certificate: files.certificate, key: others.key) }
                } throws: {
                    $0 is ListenerRefused && "\($0)".contains("do not go together")
                }
            }
        }
    }

    @Test func aTakenPortIsSaidInOneSentence() async throws {
        try await withLiveService { service in
            let taken = ListenAddress(host: "127.0.0.1", port: service.port)
            for settings in [
                WebSettings(address: taken),
                WebSettings(address: ListenAddress(host: "127.0.0.1", port: 0), operatorAddress: taken),
            ] {
                let application = try buildApplication(
                    cloud: service.test.cloud, settings: settings, time: service.test.time,
                    randomness: service.test.randomness, metrics: PrometheusMetrics(), logger: .silent)
                await #expect {
                    try await application.run()
                } throws: {
                    $0 is ListenerRefused && "\($0)".hasPrefix("Cannot listen on \(taken): ")
                }
            }
        }
    }

    @Test func overTLSItSpeaksHTTP2AndTellsBrowsersToStay() async throws {
        try await withCertificate { files in
            var settings = LiveSettings()
            settings.web.tls = files
            try await withLiveService(settings) { service in
                let customer = try await service.customer()
                let request = HTTPClientRequest(url: "https://127.0.0.1:\(service.port)/v1/plans")
                let response = try await service.client.execute(request, timeout: .seconds(30))
                #expect(response.version == .http2)
                _ = try await response.body.collect(upTo: 1 << 20)
                let reply = try await service.post("/v1/servers", as: customer, anOrder)
                #expect(reply.status == 201)
                #expect(reply.header("Strict-Transport-Security") == "max-age=31536000; includeSubDomains")
                let large = try await service.post(
                    "/v1/servers", as: customer, String(repeating: " ", count: 100_000))
                #expect(large.status == 413)
            }
        }
    }

    @Test func aHandshakeThatDoesNotEndIsEnded() async throws {
        try await withCertificate { files in
            var settings = LiveSettings()
            settings.web.tls = files
            settings.web.handshakeTimeout = .seconds(1)
            try await withLiveService(settings) { service in
                for start in ["", "\u{16}\u{3}\u{1}"] {
                    try await withRawConnection(to: service.port) { connection in
                        try await connection.send(start)
                        _ = try await connection.untilClosed()
                    }
                }
                // One that ended in time is left alone, also after another one's time is over.
                #expect(try await service.get("/healthz").status == 200)
                try await withRawConnection(to: service.port) { _ = try await $0.untilClosed() }
                #expect(try await service.get("/healthz").status == 200)
            }
        }
    }

    @Test func metricsAreTheOperatorsAndNobodyElses() async throws {
        var settings = LiveSettings()
        settings.web.operatorAddress = ListenAddress(host: "127.0.0.1", port: 0)
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            _ = try await service.get("/v1/servers", as: customer)
            _ = try await service.get("/v1/servers/sv_0000000000000000", as: customer)
            _ = try await service.get("/v1/nothing", as: customer)
            #expect(try await service.get("/metrics", as: customer).status == 404)
            let port = try #require(service.operatorPort)
            let reply = try await service.send("GET", "/metrics", port: port)
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            let lines = reply.body.split(separator: "\n")
            #expect(lines.contains("# TYPE http_requests_total counter"))
            #expect(lines.contains(#"http_requests_total{method="GET",route="/v1/servers",status="2xx"} 1"#))
            #expect(lines.contains(#"http_requests_total{method="GET",route="/v1/servers/{id}",status="4xx"} 1"#))
            #expect(lines.contains(#"http_requests_total{method="other",route="none",status="4xx"} 2"#))
            #expect(lines.contains(#"http_request_duration_seconds_count{method="GET",route="/v1/servers"} 1"#))
            #expect(!reply.body.contains("nothing"))
            #expect(try await service.send("GET", "/v1/plans", port: port).status == 404)
            #expect(try await service.send("GET", "/healthz", port: port).status == 200)
        }
    }

    private func withCertificate(_ body: (TLSFiles) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = TLSFiles(
            certificate: directory.appending(path: "cert.pem").path, key: directory.appending(path: "key.pem").path)
        let openssl = try await ChildProcess.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-keyout", files.key, "-out", files.certificate,
            ])
        try #require(openssl.succeeded, "\(openssl.words)")
        try await body(files)
    }
}
