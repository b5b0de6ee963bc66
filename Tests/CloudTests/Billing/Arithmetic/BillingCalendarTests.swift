import Cloud
import Fakes
import Foundation
import Kernel
import Testing

@Suite struct BillingCalendarTests {
    /// Both hemispheres, none, half an hour, and one that skipped a day in December 2011.
    private static let zones = ["Australia/Sydney", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]

    private func months(_ years: ClosedRange<Int>) -> [Month] {
        years.flatMap { year in (1...12).compactMap { Month(year: year, number: $0) } }
    }

    @Test(arguments: zones) func everyMonthIsWherePythonHasIt(zone: String) async throws {
        let calendar = try #require(BillingCalendar(timeZone: zone))
        let ours = months(1970...2100).map { month in
            let period = calendar.period(of: month)
            return "\(period.month) \(period.start) \(period.end)"
        }
        let theirs = try await BillingOracle.months(of: zone, 1970...2100)
        #expect(ours.count == theirs.count)
        #expect(zip(ours, theirs).filter { $0 != $1 }.map { "\($0) against \($1)" } == [])
    }

    @Test(arguments: zones) func monthsTouchAndEachMomentIsInItsOwn(zone: String) throws {
        let calendar = try #require(BillingCalendar(timeZone: zone))
        var faults: [String] = []
        for month in months(1970...2100) {
            let period = calendar.period(of: month)
            let touches = period.end == calendar.period(of: month.next).start
            let inside = [period.starts, period.ends - .microseconds(1), period.starts + .seconds(period.seconds / 2)]
            let own = inside.allSatisfy { calendar.period(at: $0) == period }
            let next = calendar.period(at: period.ends).month == month.next
            let previous =
                month.previous == nil || calendar.period(at: period.starts - .microseconds(1)).month == month.previous
            if !(touches && own && next && previous) { faults.append("\(period)") }
        }
        #expect(faults == [])
    }

    /// Every zone that Foundation knows, some of which change their clocks at midnight, where a month may begin.
    @Test(.enabled(if: ProofSize.isFull, "takes a minute and a half"))
    func everyZoneAgreesWithPython() async throws {
        var faults: [String] = []
        for zone in TimeZone.knownTimeZoneIdentifiers where !zone.hasPrefix("GMT") {
            let calendar = try #require(BillingCalendar(timeZone: zone))
            let theirs = try await BillingOracle.months(of: zone, 1970...2040)
            let ours = months(1970...2040).map {
                "\($0) \(calendar.period(of: $0).start) \(calendar.period(of: $0).end)"
            }
            if ours != theirs { faults.append(zone) }
        }
        #expect(faults == [])
    }

    @Test(arguments: [
        ("2026-10", 2_674_800), ("2026-04", 2_595_600), ("2026-11", 2_592_000), ("2026-02", 2_419_200),
        ("2028-02", 2_505_600), ("2100-02", 2_419_200), ("2000-02", 2_505_600), ("2026-12", 2_678_400),
    ])
    func aMonthInSydneyHasTheSecondsThatPassThere(text: String, seconds: Int64) throws {
        let calendar = try #require(BillingCalendar(timeZone: "Australia/Sydney"))
        #expect(calendar.period(of: try #require(Month(text))).seconds == seconds)
    }

    @Test func decemberOf2011HadThirtyDaysInApia() throws {
        let calendar = try #require(BillingCalendar(timeZone: "Pacific/Apia"))
        #expect(calendar.period(of: try #require(Month("2011-12"))).seconds == 30 * 86_400)
    }

    /// Days on which the clocks change, and the one that was skipped, are among them.
    @Test(arguments: zones) func everyDayBeginsWherePythonHasIt(zone: String) async throws {
        let calendar = try #require(BillingCalendar(timeZone: zone))
        var faults: [String] = []
        let days = try await BillingOracle.days(of: zone, 2008...2030).map { $0.split(separator: " ").map(String.init) }
        #expect(days.count > 23 * 365)
        for (day, next) in zip(days, days.dropFirst()) {
            let start = Instant(seconds: try #require(Int64(day[1])))
            let end = Instant(seconds: try #require(Int64(next[1])))
            let last = end - .microseconds(1)
            if calendar.date(of: start) != day[0] || calendar.date(of: last) != day[0] {
                faults.append("\(day): its date")
            }
            if calendar.midnight(daysAfter: 0, last) != start { faults.append("\(day): its midnight") }
            // The day after the 29th was the 31st in Apia: terms of payment may count the one that was skipped.
            if day[0] != "2011-12-29", calendar.midnight(daysAfter: 1, start) != end {
                faults.append("\(day): the next midnight")
            }
        }
        #expect(faults.prefix(5) == [])
    }

    @Test func termsOfPaymentCountDaysAndNotHours() throws {
        let calendar = try #require(BillingCalendar(timeZone: "Australia/Sydney"))
        // 1 October 2026, 02:00; the clocks go forward on the 4th.
        let issued = Instant(seconds: 1_790_784_000)
        let due = calendar.midnight(daysAfter: 14, issued)
        #expect(calendar.date(of: issued) == "2026-10-01")
        #expect(calendar.date(of: due) == "2026-10-15")
        #expect(calendar.date(of: due - .microseconds(1)) == "2026-10-14")
    }

    @Test func thereIsNoSuchZone() {
        #expect(BillingCalendar(timeZone: "Australia/Springfield") == nil)
    }
}
