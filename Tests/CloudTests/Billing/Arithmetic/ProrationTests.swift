import Cloud
import Fakes
import Kernel
import Testing

@Suite struct ProrationTests {
    /// 200 000 schedules in the proof, 10 000 otherwise, in quarters that run side by side.
    private static let schedules = (ProofSize.isFull ? 200_000 : 10_000) / 4
    private static let seed = ProofSize.seed(of: "ProrationTests")

    private static let periods: [Period] = ["Australia/Sydney", "UTC", "America/New_York"].flatMap { zone in
        let calendar = BillingCalendar(timeZone: zone)!
        return (2020...2031).flatMap { year in
            (1...12).map { calendar.period(of: Month(year: year, number: $0)!) }
        }
    }

    @Test(arguments: 0..<4) func holdsWhatItPromisesOnRandomSchedules(quarter: Int) {
        let randomness = SeededRandomness(seed: Self.seed &+ UInt64(quarter))
        var faults: [String] = []
        var ties = 0
        for number in 0..<Self.schedules where faults.count < 5 {
            let schedule = Schedule.random(randomness, in: Self.periods)
            if (2 * schedule.exact) % Int128(2 * schedule.period.seconds) == Int128(schedule.period.seconds) {
                ties += 1
            }
            faults += ProrationLaws(schedule, randomness).faults.map { "schedule \(number): \($0): \(schedule)" }
        }
        #expect(faults == [], "CAIPORT_SEED=\(Self.seed)")
        // Otherwise nothing was seen of how a half is rounded.
        #expect(ties > Self.schedules / 1000, "CAIPORT_SEED=\(Self.seed)")
    }

    @Test func aWholeMonthIsExactlyItsPrice() throws {
        let randomness = SeededRandomness(seed: Self.seed)
        for period in Self.periods {
            for price in [Int64(1), 700, 1900, 3900, 15_900, 99_999] {
                let whole = Schedule.span(
                    of: ServerID(from: randomness), price: price, randomness, from: period.starts, to: period.ends)
                #expect(Proration.total(of: [whole], in: period).cents == price)
                let always = whole.from(Instant(seconds: 0), to: nil)
                #expect(Proration.total(of: [always], in: period).cents == price)
            }
        }
    }

    @Test func halfACentIsRoundedUp() {
        let period = Period(month: Month("2026-10")!, start: 1_000, end: 1_010)
        let randomness = SeededRandomness(seed: 1)
        let server = ServerID(from: randomness)
        func total(_ price: Int64, seconds: Int64) -> Int64 {
            let span = Schedule.span(
                of: server, price: price, randomness, from: period.starts, to: Instant(seconds: 1_000 + seconds))
            return Proration.total(of: [span], in: period).cents
        }
        #expect(total(1, seconds: 4) == 0)
        #expect(total(1, seconds: 5) == 1)
        #expect(total(3, seconds: 5) == 2)
        #expect(total(5, seconds: 5) == 3)
    }

    @Test func manyServersOfOneAccountErrByHalfACentInAll() {
        let randomness = SeededRandomness(seed: Self.seed)
        let period = Self.periods[randomness.number(below: Self.periods.count)]
        let third = period.starts + .seconds(period.seconds / 3)
        let spans = (0..<2_000).map { _ in
            Schedule.span(of: ServerID(from: randomness), price: 700, randomness, from: period.starts, to: third)
        }
        let schedule = Schedule(period: period, spans: spans)
        #expect(ProrationLaws(schedule, randomness).faults == [], "CAIPORT_SEED=\(Self.seed)")
        // A third of 700 cents rounded by itself would be 233 each.
        #expect(abs(schedule.total - 2_000 * 700 / 3) <= 1)
        #expect(schedule.total != 2_000 * 233)
    }

    @Test func nothingIsChargedForWhatIsShorterThanASecondOrElsewhere() {
        let period = Self.periods[0]
        let randomness = SeededRandomness(seed: 2)
        let whole = Schedule.span(
            of: ServerID(from: randomness), price: 15_900, randomness, from: period.starts, to: period.ends)
        let blink = whole.from(period.starts, to: period.starts + .microseconds(999_999))
        let before = whole.from(Instant(seconds: 0), to: period.starts)
        let after = whole.from(period.ends, to: nil)
        #expect(Proration.lines(of: [blink, before, after], in: period) == [])
    }
}
