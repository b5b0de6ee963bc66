import Crypto
import Foundation
import Kernel

/// Tells Stripe's posts from others: `Stripe-Signature: t=1792000000,v1=5257a8…`, where `v1` is the HMAC-SHA256 of the
/// timestamp, a dot and the body as it came (docs.stripe.com/webhooks/signature).
package struct StripeSignature: Sendable {
    private let key: SymmetricKey

    /// How old a post may be, and how far ahead of our clock Stripe's may be.
    package static let tolerance = Duration.seconds(300)

    package init(secret: Secret<String>) {
        key = SymmetricKey(data: Data(secret.exposed.utf8))
    }

    /// Whether the header is Stripe's word for these bytes, given not long before `now`.
    ///
    /// A header may have several signatures, as it has while the secret is changed: one is enough. It is read as
    /// Stripe's own libraries read it, but for one thing: they take posts from the future, and this does not.
    package func isValid(_ header: String?, for body: [UInt8], at now: Instant) -> Bool {
        guard let header, !header.isEmpty, let parts = Parts(header) else { return false }
        let expected = Array(code(at: parts.timestamp, body).utf8)
        // All are compared, so that the time taken does not tell which one was near.
        let matches = parts.signatures.reduce(false) { Self.isEqual(expected, Array($1.utf8)) || $0 }
        guard matches else { return false }
        let age = now - Instant(seconds: parts.timestamp)
        return age <= Self.tolerance && age >= .zero - Self.tolerance
    }

    /// The header for these bytes: what Stripe would send with them.
    package func header(for body: [UInt8], at moment: Instant) -> String {
        "t=\(moment.seconds),v1=\(code(at: moment.seconds, body))"
    }

    private func code(at timestamp: Int64, _ body: [UInt8]) -> String {
        var authentication = HMAC<SHA256>(key: key)
        authentication.update(data: Data("\(timestamp).".utf8))
        authentication.update(data: body)
        return authentication.finalize().hex
    }

    /// Takes as long whatever the bytes are.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The header in its parts, `name=value` with commas between; what stands behind a second `=` is left out.
    private struct Parts {
        let timestamp: Int64
        let signatures: [Substring]

        init?(_ header: String) {
            var timestamp: Int64?
            var signatures: [Substring] = []
            for part in header.split(separator: ",", omittingEmptySubsequences: false) {
                let pieces = part.split(separator: "=", omittingEmptySubsequences: false)
                guard pieces[0] == "t" || pieces[0] == "v1" else { continue }
                guard pieces.count > 1 else { return nil }
                if pieces[0] == "v1" {
                    signatures.append(pieces[1])
                } else if timestamp == nil {
                    guard let number = Self.number(pieces[1]) else { return nil }
                    timestamp = number
                }
            }
            guard let timestamp, !signatures.isEmpty else { return nil }
            self.timestamp = timestamp
            self.signatures = signatures
        }

        /// A whole number as Python's `int` reads it, in which Stripe's library is written: blanks around it, a
        /// sign, zeros before it and single underscores between its digits mean nothing.
        private static func number(_ text: Substring) -> Int64? {
            let blanks: Set<UInt8> = [9, 10, 11, 12, 13, 28, 29, 30, 31, 32]
            var bytes = Array(text.utf8)[...]
            while let first = bytes.first, blanks.contains(first) { bytes.removeFirst() }
            while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
            let isNegative = bytes.first == UInt8(ascii: "-")
            if isNegative || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
            guard !bytes.isEmpty else { return nil }
            var number: Int64 = 0
            var isBehindDigit = false
            for byte in bytes {
                if byte == UInt8(ascii: "_"), isBehindDigit {
                    isBehindDigit = false
                    continue
                }
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                isBehindDigit = true
                let (tens, tooMany) = number.multipliedReportingOverflow(by: 10)
                let (sum, tooLarge) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
                guard !tooMany, !tooLarge else { return nil }
                number = sum
            }
            // Beyond this it is no time, and would not fit in microseconds.
            guard isBehindDigit, number < 1 << 40 else { return nil }
            return isNegative ? -number : number
        }
    }
}
