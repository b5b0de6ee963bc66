import Fakes
import Foundation
import Kernel
import Providers
import Testing

/// Who is taken for Stripe: the same as by Stripe's own library.
@Suite struct StripeSignatureTests {
    private struct Case: Encodable {
        let header: String
        let body: String
        let secret: String
        let now: Int64

        func isValid() -> Bool {
            StripeSignature(secret: Secret(secret)).isValid(
                header, for: Array(body.utf8), at: Instant(seconds: now))
        }
    }

    /// 10 000 with `CAIPORT_PROOF=1`, otherwise 500; `CAIPORT_SEED` repeats a run that failed.
    @Test func agreesWithStripesOwnLibrary() async throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["CAIPORT_PROOF"] == "1" ? 10_000 : 500
        let seed = environment["CAIPORT_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
        print("signatures: CAIPORT_SEED=\(seed)")
        var mutation = SignatureMutation(seed: seed)
        let cases = (0..<count).map { _ in
            let (header, body, now) = mutation.next()
            return Case(header: header, body: body, secret: SignatureMutation.secret, now: now)
        }
        let verdicts = try await checkStripe("signatures", cases)
        try #require(verdicts.count == count)
        let accepted = verdicts.count { $0 == "1" }
        // About a ninth is.
        #expect(accepted > count / 20 && accepted < count)
        for (given, verdict) in zip(cases, verdicts) where given.isValid() != (verdict == "1") {
            // The one difference that is meant: the library takes what comes from the future.
            let isEarly = StripeSignature(secret: Secret(given.secret)).isEarly(given.header, at: given.now)
            #expect(verdict == "1" && isEarly, "\(given)")
        }
    }

    @Test func theBoundsOfTimeBelongToIt() {
        let body = Array("{}".utf8)
        let signature = StripeSignature(secret: Secret("whsec_x"))
        let header = signature.header(for: body, at: Instant(seconds: 1_792_000_000))
        for (age, isValid) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
            let now = Instant(seconds: 1_792_000_000 + Int64(age))
            #expect(signature.isValid(header, for: body, at: now) == isValid, "\(age)")
        }
        #expect(!signature.isValid(nil, for: body, at: Instant(seconds: 1_792_000_000)))
    }

    /// From a message signed by hand with `openssl dgst -sha256 -hmac`.
    @Test func theCodeIsOfTheTimestampADotAndTheBody() {
        let signature = StripeSignature(secret: Secret("whsec_test_secret"))
        let header = signature.header(for: Array(#"{"id":"evt_1"}"#.utf8), at: Instant(seconds: 1_614_000_000))
        #expect(header == "t=1614000000,v1=a39bac6773e9b7c759626a8d3f01600e8d98cfdf8376e876650947e6b7145067")
    }
}

extension StripeSignature {
    /// Whether a header that is valid but for its time is from more than five minutes ahead.
    fileprivate func isEarly(_ header: String, at now: Int64) -> Bool {
        let digits = header.split(separator: ",").first { $0.hasPrefix("t=") }?.dropFirst(2) ?? ""
        let number = Int64(digits.filter { $0.isNumber || $0 == "-" }) ?? 0
        return number > now + 300
    }
}
