import Cloud
import Kernel

/// Letters through the operator's mail system: a program that takes `-i -f FROM -- TO` and the letter on its standard
/// input, as `sendmail` of every mail system does.
package struct Sendmail: Post {
    package let carrier = MailCarrier.sendmail
    private let program: String
    private let limit: Duration

    /// - Parameter program: a path; no shell sees it.
    package init(program: String, limit: Duration = .seconds(60)) {
        self.program = program
        self.limit = limit
    }

    /// `sysexits.h`: the mail system wants to be asked again.
    private static let temporaryFailure: Int32 = 75

    package func deliver(_ message: MailMessage) async throws {
        let result: ProgramResult
        do {
            result = try await runProgram(
                program, ["-i", "-f", message.sender.text, "--", message.recipient.text],
                input: message.text(linesEndingIn: "\n"), limit: limit, keeping: 2048)
        } catch {
            throw PostFailure(isTemporary: false, reason: "\(error)")
        }
        guard result.succeeded else {
            throw PostFailure(
                isTemporary: result.status == .exited(Self.temporaryFailure), reason: "\(program): \(result.complaint)")
        }
    }
}
