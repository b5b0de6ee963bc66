import Cloud
import Foundation
import Kernel

/// Letters as files for the operator to look at or to pick up: `{id}.eml`, whole or not there. The same letter a
/// second time is the same file.
package struct Outbox: Post {
    package let carrier = MailCarrier.outbox
    private let directory: String

    /// - Parameter directory: made when the first letter comes, for its owner alone.
    package init(directory: String) {
        self.directory = directory
    }

    package func deliver(_ message: MailMessage) async throws {
        do {
            try makeDirectory(directory)
            let text = message.text(linesEndingIn: "\r\n")
            try writeFile(Array(text.utf8), to: "\(directory)/\(message.id).eml", scratch: directory)
        } catch {
            throw PostFailure(isTemporary: error.code == ENOSPC || error.code == EDQUOT, reason: "\(error)")
        }
    }
}
