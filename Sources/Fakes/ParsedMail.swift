import Foundation
import Providers

/// A letter as a mail program reads it: Python's `email` package.
package struct ParsedMail: Decodable, Sendable {
    /// Names and decoded values, in order.
    package let headers: [[String]]
    package let body: String
    /// The addresses in `To`, without quotes.
    package let recipients: [String]
    /// The address in `From`, and what it is called.
    package let sender: String
    package let senderName: String
    /// What the reader had to put up with.
    package let defects: [String]

    /// The first header of this name; empty when there is none.
    package subscript(_ name: String) -> String {
        headers.first { $0[0] == name }?[1] ?? ""
    }

    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: `Unreadable`, `ProgramError`.
    package static func read(_ texts: [String]) async throws -> [ParsedMail] {
        let given = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
        let result = try await runProgram(
            "python3", ["-c", script], input: given, limit: .seconds(60), keeping: 64 << 20)
        guard result.succeeded else { throw Unreadable(description: result.complaint) }
        return try JSONDecoder().decode([ParsedMail].self, from: Data(result.output.utf8))
    }

    private static let script = """
        import email.parser, email.policy, json, sys

        def read(text):
            mail = email.parser.BytesParser(policy=email.policy.default).parsebytes(text.encode("ascii"))
            sender = mail["From"].addresses[0]
            defects = [repr(d) for d in mail.defects] + [repr(d) for v in mail.values() for d in v.defects]
            return {
                "headers": [[name, str(value)] for name, value in mail.items()], "body": mail.get_content(),
                "recipients": [a.username + "@" + a.domain for a in mail["To"].addresses], "sender": sender.addr_spec,
                "senderName": sender.display_name, "defects": defects,
            }

        print(json.dumps([read(text) for text in json.load(sys.stdin)]))
        """
}
