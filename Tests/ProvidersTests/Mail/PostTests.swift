import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing

/// What takes letters away: files, and the operator's mail system.
@Suite(.timeLimit(.minutes(1)))
struct PostTests {
    private func message(to address: String = "me@example.com") throws -> MailMessage {
        MailMessage(
            id: MailID(from: SeededRandomness(seed: 7)), from: try #require(MailAddress("billing@cloud.example")),
            named: "Cloud", to: try #require(MailAddress(address)), date: Instant(seconds: 1_795_444_398),
            subject: "Grüße", body: "Hello\n.\nFrom here\n")
    }

    /// A program that writes down how it was called, and then does as told.
    private func program(_ deed: String, in directory: String) throws -> String {
        let path = "\(directory)/sendmail"
        let script = """
            #!/bin/sh
            printf '%s\\n' "$@" > '\(directory)/arguments'
            cat > '\(directory)/letter'
            \(deed)
            """
        try Data(script.utf8).write(to: URL(filePath: path))
        chmod(path, 0o700)
        return path
    }

    private func failure(of post: any Post, for message: MailMessage) async -> PostFailure? {
        do {
            try await post.deliver(message)
            return nil
        } catch {
            return error as? PostFailure ?? PostFailure(isTemporary: false, reason: "of another kind: \(error)")
        }
    }

    @Test func theOutboxHoldsOneFileForEachLetterAndNobodyElseReadsIt() async throws {
        try await withDirectory { directory in
            let outbox = Outbox(directory: "\(directory)/outbox")
            let message = try message()
            for _ in 1...2 { try await outbox.deliver(message) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/outbox") == ["\(message.id).eml"])
            let path = "\(directory)/outbox/\(message.id).eml"
            #expect(try String(contentsOfFile: path, encoding: .utf8) == message.text(linesEndingIn: "\r\n"))
            var attributes = stat()
            #expect(stat(path, &attributes) == 0 && attributes.st_mode & 0o777 == 0o600)
            #expect(stat("\(directory)/outbox", &attributes) == 0 && attributes.st_mode & 0o777 == 0o700)
        }
    }

    @Test func anOutboxThatCannotBeWrittenFails() async throws {
        try await withDirectory { directory in
            try Data().write(to: URL(filePath: "\(directory)/outbox"))
            let failure = await failure(of: Outbox(directory: "\(directory)/outbox"), for: try message())
            #expect(failure?.isTemporary == false)
        }
    }

    @Test func sendmailIsCalledWithTheAddressesAndGivenTheLetter() async throws {
        try await withDirectory { directory in
            let post = Sendmail(program: try program("exit 0", in: directory))
            let message = try message(to: "-oQ$(id)@x.example")
            try await post.deliver(message)
            let arguments = try String(contentsOfFile: "\(directory)/arguments", encoding: .utf8)
            #expect(
                arguments == """
                    -i
                    -f
                    billing@cloud.example
                    --
                    "-oQ$(id)"@x.example

                    """)
            let letter = try String(contentsOfFile: "\(directory)/letter", encoding: .utf8)
            #expect(letter == message.text(linesEndingIn: "\n"))
            let read = try #require(try await ParsedMail.read([letter]).first)
            #expect(read["Subject"] == "Grüße" && read.body == "Hello\n.\nFrom here\n")
        }
    }

    @Test(arguments: [("exit 75", true), ("echo no such user >&2; exit 70", false), ("kill -9 $$", false)])
    func whatSendmailRefusesIsAFailure(deed: String, isTemporary: Bool) async throws {
        try await withDirectory { directory in
            let post = Sendmail(program: try program(deed, in: directory))
            let failure = try #require(await failure(of: post, for: try message()))
            #expect(failure.isTemporary == isTemporary)
            if deed.contains("70") { #expect(failure.reason.contains("exit status 70: no such user")) }
        }
    }

    @Test func aSendmailThatHangsIsEnded() async throws {
        try await withDirectory { directory in
            let word = "5000.\(UInt32.random(in: 0 ... .max))"
            let post = Sendmail(program: try program("sleep \(word)", in: directory), limit: .milliseconds(500))
            let failure = try #require(await failure(of: post, for: try message()))
            #expect(failure.reason.contains("did not end within"))
            _ = try await eventually("its end") { isRunning(word) ? nil : true }
        }
    }

    @Test func aSendmailThatIsNotThereFails() async throws {
        try await withDirectory { directory in
            let failure = await failure(of: Sendmail(program: "\(directory)/none"), for: try message())
            #expect(failure?.isTemporary == false)
            #expect(failure?.reason.contains("is not installed") == true)
        }
    }
}
