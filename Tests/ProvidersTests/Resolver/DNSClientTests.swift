import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct DNSClientTests {
    private let client = DNSClient(time: SystemTime(), randomness: SystemRandomness())

    /// The question's head and body, with the flags and the records of an answer.
    private static func reply(
        to question: [UInt8], flags: [UInt8] = [0x84, 0x00], records: [[UInt8]], count: UInt8? = nil
    ) -> [UInt8] {
        // Without the eleven bytes of EDNS at its end.
        let asked = question[12..<question.count - 11]
        var bytes = Array(question[..<2]) + flags
        bytes += [0, 1, 0, count ?? UInt8(records.count), 0, 0, 0, 0]
        bytes += asked
        for record in records { bytes += record }
        return bytes
    }

    /// A record of the name that was asked for.
    private static func record(_ type: DNSType, _ data: [UInt8], ttl: UInt8 = 60) -> [UInt8] {
        var bytes: [UInt8] = [0xC0, 12, UInt8(type.rawValue >> 8), UInt8(type.rawValue & 255)]
        bytes += [0, 1, 0, 0, 0, ttl, UInt8(data.count >> 8), UInt8(data.count & 255)]
        return bytes + data
    }

    private func ask(
        _ type: DNSType, limit: Duration = .seconds(20), _ replies: @escaping @Sendable ([UInt8]) -> [[UInt8]]
    ) async throws -> DNSAnswer {
        let server = try ScriptedNameServer(replies)
        defer { server.stop() }
        return try await client.ask("a.test", type, of: server.address, within: limit)
    }

    @Test func readsEveryTypeAsItIsWritten() async throws {
        let name: [UInt8] = [1, UInt8(ascii: "B"), 0xC0, 12]
        let cases: [(DNSType, [UInt8], String)] = [
            (.a, [192, 0, 2, 1], "192.0.2.1"),
            (.aaaa, [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1], "2001:db8::1"),
            (.cname, name, "b.a.test"),
            (.ns, name, "b.a.test"),
            (.mx, [0, 10] + name, "10 b.a.test"),
            (.srv, [0, 1, 0, 2, 0x13, 0xC4] + name, "1 2 5060 b.a.test"),
            (.txt, [3, 0x61, 0x22, 0xC3, 0], #""a\"\195" """#),
            (.caa, [128, 5] + Array("ISSUE".utf8) + Array("x;y".utf8), #"128 issue "x;y""#),
            (.soa, name + [0] + [UInt8](repeating: 0, count: 16) + [0, 0, 0, 9], "b.a.test . 0 0 0 0 9"),
            (DNSType(rawValue: 999), [1, 255], "\\# 2 01ff"),
        ]
        for (type, data, text) in cases {
            let answer = try await ask(type) { [Self.reply(to: $0, records: [Self.record(type, data)])] }
            #expect(answer.code == .noError)
            #expect(answer.isAuthoritative)
            #expect(answer.records.map(\.value) == [text])
            #expect(answer.records.map(\.name) == ["a.test"])
            #expect(answer.records.map(\.ttl) == [60])
        }
    }

    @Test func knowsWhyThereIsNoData() async throws {
        for (flags, code) in [
            ([0x84, 0x03], DNSAnswer.Code.noSuchName), ([0x80, 0x05], .refused), ([0x80, 0x02], .other(2)),
        ] as [([UInt8], DNSAnswer.Code)] {
            let answer = try await ask(.a) { [Self.reply(to: $0, flags: flags, records: [])] }
            #expect(answer.code == code)
            #expect(answer.isAuthoritative == (flags[0] == 0x84))
        }
    }

    /// What anybody could send: other numbers, other questions, questions.
    @Test func waitsForTheAnswerToItsOwnQuestion() async throws {
        let answer = try await ask(.a) { question in
            let good = Self.reply(to: question, records: [Self.record(.a, [192, 0, 2, 1])])
            var otherID = good
            otherID[0] ^= 1
            var otherName = good
            otherName[13] ^= 1
            return [otherID, otherName, question, [], [1, 2, 3], good]
        }
        #expect(answer.records.map(\.value) == ["192.0.2.1"])
    }

    @Test func asksAgainWhenNothingComes() async throws {
        let asked = Mutex(0)
        let server = try ScriptedNameServer { question in
            let count = asked.withLock { asked in
                asked += 1
                return asked
            }
            return count == 1 ? [] : [Self.reply(to: question, records: [])]
        }
        defer { server.stop() }
        let time = ManualTime()
        let client = DNSClient(time: time, randomness: SystemRandomness())
        let asking = Task { try await client.ask("a.test", .a, of: server.address, within: .seconds(30)) }
        _ = try await eventually("the first question") { asked.withLock { $0 } == 1 ? true : nil }
        // A third of its limit; again where it had not yet begun to wait.
        _ = try await eventually("the second question") {
            time.advance(by: .seconds(10))
            try await Task.sleep(for: .milliseconds(200))
            return asked.withLock { $0 } == 2 ? true : nil
        }
        #expect(try await asking.value.code == .noError)
        #expect(asked.withLock { $0 } == 2)
    }

    @Test func givesUpAtItsLimit() async throws {
        let server = try ScriptedNameServer { _ in [] }
        defer { server.stop() }
        let time = ManualTime()
        let client = DNSClient(time: time, randomness: SystemRandomness())
        let asking = Task { try await client.ask("a.test", .a, of: server.address, within: .seconds(9)) }
        let passing = Task { while !Task.isCancelled { _ = await time.passToNextSleeper() } }
        await #expect(throws: DNSError.silence) { try await asking.value }
        passing.cancel()
    }

    @Test func refusesWhatIsNoName() async throws {
        let address = try #require(DNSAddress("127.0.0.1:9"))
        for name in ["a..b", String(repeating: "a", count: 64), "a b", "é", String(repeating: "a.", count: 128)] {
            await #expect(throws: DNSError.badName(name)) { try await client.ask(name, .a, of: address) }
        }
    }

    /// A server may be anybody's: whatever it sends is answer, error or nothing, and never the end of us.
    @Test func survivesMutatedAnswers() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        let random = SeededRandomness(seed: seed)
        let server = try ScriptedNameServer { question in
            var bytes = Self.reply(
                to: question,
                records: [
                    Self.record(.txt, [2, 65, 66]), Self.record(.mx, [0, 1, 0xC0, 12]), Self.record(.caa, [0, 1, 65]),
                    Self.record(.soa, [0xC0, 12, 0] + [UInt8](repeating: 1, count: 20)),
                ])
            let draw = random.bytes(9)
            for index in 0..<Int(draw[0] % 4) {
                bytes[2 + Int(draw[1 + index]) % (bytes.count - 2)] = draw[5 + index]
            }
            if draw[0] > 200 { bytes.removeLast(Int(draw[1]) % bytes.count) }
            return [bytes]
        }
        defer { server.stop() }
        for _ in 0..<500 {
            do {
                let answer = try await client.ask("a.test", .txt, of: server.address, within: .milliseconds(30))
                #expect(answer.records.count <= 4, "seed \(seed)")
            } catch is DNSError {}
        }
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1:53"), ("192.0.2.1:5300", "192.0.2.1:5300"), ("2001:DB8::1", "[2001:db8::1]:53"),
        ("[2001:db8::1]:5300", "[2001:db8::1]:5300"), ("[::]", "[::]:53"),
    ])
    func readsAddresses(text: String, shown: String) throws {
        #expect(try #require(DNSAddress(text)).description == shown)
    }

    @Test(arguments: [
        "", "localhost", "192.0.2", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:5a", "[192.0.2.1]:53",
        "[::1", "[::1]53", "fe80::1%eth0", "1.2.3.4:+5",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(DNSAddress(text) == nil)
    }

    @Test func asksEachAuthority() async throws {
        let good = try ScriptedNameServer { question in
            let data: [UInt8] = [0, 0, 0, 0, 0, 42] + [UInt8](repeating: 0, count: 16)
            return [Self.reply(to: question, records: [Self.record(.soa, data)])]
        }
        let ignorant = try ScriptedNameServer { [Self.reply(to: $0, flags: [0x80, 0x05], records: [])] }
        let silent = try ScriptedNameServer { _ in [] }
        let all = [silent, good, ignorant]
        defer { for server in all { server.stop() } }
        let authorities = AskedAuthorities(servers: all.map(\.address), client: client, time: SystemTime())
        let answers = await authorities.answers(about: DomainName(known: "a.test"))
        #expect(answers.map(\.server) == all.map(\.address.description))
        #expect(answers.map(\.serial) == [nil, 42, nil])
        #expect(answers.map(\.problem) == ["It does not answer", nil, "It does not have the zone"])
    }

    @Test func findsTheAuthoritiesThatAreKnownByName() async throws {
        let known = try ScriptedNameServer { [Self.reply(to: $0, flags: [0x80, 0x05], records: [])] }
        let far = try ScriptedNameServer { question in
            let data: [UInt8] = [0, 0, 0, 0, 0, 42] + [UInt8](repeating: 0, count: 16)
            return [Self.reply(to: question, records: [Self.record(.soa, data)])]
        }
        defer { for server in [known, far] { server.stop() } }
        let names = ["ns1.cloud.test", "ns2.cloud.test"]
        func answers(_ servers: [DNSAddress], _ first: DNSAddress?) async -> [AuthorityAnswer] {
            let authorities = AskedAuthorities(servers: servers, names: names, client: client, time: SystemTime()) {
                $0 == "ns1.cloud.test" ? first.map { [$0] } ?? [] : []
            }
            return await authorities.answers(about: DomainName(known: "a.test"))
        }
        #expect(
            await answers([], far.address) == [
                AuthorityAnswer(server: "ns1.cloud.test", serial: 42),
                AuthorityAnswer(server: "ns2.cloud.test", serial: nil, problem: "Its name has no address"),
            ])
        // A known server's name is not asked again, and one that has none here is nobody's trouble.
        let refused = AuthorityAnswer(
            server: known.address.description, serial: nil, problem: "It does not have the zone")
        #expect(await answers([known.address], known.address) == [refused])
        #expect(await answers([known.address], nil) == [refused])
    }
}
