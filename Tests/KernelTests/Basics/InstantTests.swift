import Foundation
import Kernel
import Testing

@Suite struct InstantTests {
    @Test func writesTheCivilDateInUTC() {
        #expect(Instant(microseconds: 0).rfc3339 == "1970-01-01T00:00:00Z")
        #expect(Instant(microseconds: 951_782_400_000_000).rfc3339 == "2000-02-29T00:00:00Z")
        #expect(Instant(microseconds: 4_107_542_399_999_999).rfc3339 == "2100-02-28T23:59:59Z")
        #expect(Instant(microseconds: -1).rfc3339 == "1969-12-31T23:59:59Z")
    }

    @Test func agreesWithFoundationOverTwoCenturies() {
        let foundation = ISO8601DateFormatter()
        for day in stride(from: Int64(-20_000), through: 60_000, by: 17) {
            let instant = Instant(microseconds: (day * 86_400 + day % 86_400) * 1_000_000)
            #expect(instant.rfc3339 == foundation.string(from: Date(timeIntervalSince1970: Double(instant.seconds))))
        }
    }

    @Test func addsAndSubtractsDurationsExactly() {
        let instant = Instant(microseconds: 5)
        #expect(instant + .milliseconds(1) - instant == .milliseconds(1))
        #expect(instant - .seconds(1) == Instant(microseconds: -999_995))
    }
}
