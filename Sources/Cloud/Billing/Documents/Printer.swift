/// Makes PDF files of pages.
package protocol Printer: Sendable {
    /// The page as PDF.
    /// - Parameters:
    ///   - name: what is printed once under a name is given again under it, whatever the page says by then.
    ///   - account: whose document it is: accounts do not keep each other waiting.
    /// - Throws: `PrinterFailure`.
    func print(_ page: HTMLPage, as name: String, for account: AccountID) async throws -> [UInt8]

    /// How many bytes the PDF under this name has; nil when it is not printed yet. Prints nothing.
    /// - Throws: `PrinterFailure` where it is known that it cannot be printed now.
    func size(ofPrinted name: String) async throws -> Int?
}

/// Why there is no PDF.
package struct PrinterFailure: Error, Hashable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// Nothing on this host prints.
        case missing
        /// As many wait as may.
        case crowded
        case failed
    }

    package let kind: Kind
    /// For the operator's log.
    package let reason: String
    /// When it is worth trying again; nil when nobody knows.
    package let retryAfter: Duration?
    /// Whether it failed some time ago, and nobody has tried since.
    package let isRemembered: Bool

    package init(_ kind: Kind, _ reason: String, retryAfter: Duration? = nil, isRemembered: Bool = false) {
        self.kind = kind
        self.reason = reason
        self.retryAfter = retryAfter
        self.isRemembered = isRemembered
    }

    package var description: String { reason }
}

/// For who has no printer.
package struct NoPrinter: Printer {
    package init() {}

    package func print(_ page: HTMLPage, as name: String, for account: AccountID) async throws -> [UInt8] {
        throw Self.failure
    }

    package func size(ofPrinted name: String) async throws -> Int? { throw Self.failure }

    private static let failure = PrinterFailure(.missing, "no printer is set up")
}
