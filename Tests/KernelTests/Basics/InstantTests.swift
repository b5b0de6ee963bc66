import Kernel
import Testing

@Suite struct InstantTests {
    @Test func addsAndSubtractsDurationsExactly() {
        let instant = Instant(microseconds: 5)
        #expect(instant + .milliseconds(1) - instant == .milliseconds(1))
        #expect(instant - .seconds(1) == Instant(microseconds: -999_995))
    }

    @Test func roundsSecondsDownAlsoBefore1970() {
        #expect(Instant(microseconds: 1_999_999).seconds == 1)
        #expect(Instant(microseconds: -1).seconds == -1)
        #expect(Instant(microseconds: -1_000_000).seconds == -1)
    }
}
