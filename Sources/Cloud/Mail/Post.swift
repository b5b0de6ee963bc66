/// What takes letters to their readers.
package protocol Post: Sendable {
    /// Hands one letter over, to be on its way when this returns. It may be asked for the same letter again, when
    /// nobody knows whether it went out: the letter then has the same id and the same `Message-ID`.
    /// - Throws: `PostFailure`; the letter is tried again later.
    func deliver(_ message: MailMessage) async throws
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
