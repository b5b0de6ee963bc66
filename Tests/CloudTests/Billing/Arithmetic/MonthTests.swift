import Cloud
import Testing

@Suite struct MonthTests {
    @Test func isReadAsItIsWritten() throws {
        for year in [1970, 1999, 2000, 2026, 2199, 9999] {
            for number in 1...12 {
                let month = try #require(Month(year: year, number: number))
                #expect(Month(month.description) == month)
                #expect(month.description.utf8.count == 7)
            }
        }
        #expect(Month("2026-11")?.description == "2026-11")
    }

    @Test(arguments: [
        "", "2026", "2026-1", "2026-00", "2026-13", "1969-12", "0000-01", "2026/11", "2026-11-01", " 2026-11",
        "+026-11",
        "2026--1", "２０２６-11", "20261-1",
    ])
    func refusesWhatIsNoMonth(text: String) {
        #expect(Month(text) == nil)
    }

    @Test func followsTheOneBefore() throws {
        var month = try #require(Month("1970-01"))
        #expect(month.previous == nil)
        for _ in 0..<2400 {
            #expect(month.next.previous == month)
            #expect(month < month.next)
            #expect(month.next.number == month.number % 12 + 1)
            #expect(month.next.year == month.year + month.number / 12)
            month = month.next
        }
        #expect(month.description == "2170-01")
    }
}
