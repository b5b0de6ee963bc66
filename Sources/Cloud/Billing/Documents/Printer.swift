/// Makes PDF files of pages.
package protocol Printer: Sendable {
    /// The page as PDF.
    /// - Parameter name: what is printed once under a name is given again under it, whatever the page says by then.
    /// - Throws: `PrinterFailure`.
    func print(_ page: HTMLPage, as name: String) async throws -> [UInt8]
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

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    package var description: String { reason }
}

/// For who has no printer.
package struct NoPrinter: Printer {
    package init() {}

    package func print(_ page: HTMLPage, as name: String) async throws -> [UInt8] {
        throw PrinterFailure(.missing, "no printer is set up")
    }
}
