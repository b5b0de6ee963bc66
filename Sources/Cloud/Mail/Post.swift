/// What takes letters to their readers.
package protocol Post: Sendable {
    /// What takes letters here: noted beside each that was handed over.
    var carrier: MailCarrier { get }

    /// Hands one letter over, to be on its way when this returns. It may be asked for the same letter again, when
    /// nobody knows whether it went out: the letter then has the same id and the same `Message-ID`.
    /// - Throws: `PostFailure`; the letter is tried again later.
    func deliver(_ message: MailMessage) async throws
}

/// What took a letter. Names in the database; they never change.
package enum MailCarrier: String, CaseIterable, Sendable {
    /// The operator's mail system: the only one that delivers.
    case sendmail
    /// A file in the data directory, which nobody may have read.
    case outbox
    /// The operator, who told the customer in some other way.
    case `operator`
}

/// Why a letter is not on its way.
package struct PostFailure: Error, Hashable, CustomStringConvertible {
    /// Whether it was said to pass by itself.
    package let isTemporary: Bool
    /// For the operator's log.
    package let reason: String

    package init(isTemporary: Bool, reason: String) {
        self.isTemporary = isTemporary
        self.reason = reason
    }

    package var description: String { reason }
}
