import Fakes
import Testing
import Web

@Suite struct GCRATests {
    private let second: Int64 = 1_000_000_000
    private let start: Int64 = 1_790_000_000_000_000_000

    @Test func admitsABurstAndThenTheRate() {
        let policy = GCRA(perHour: 3600, burst: 5)
        var whole = start
        for remaining in [4, 3, 2, 1, 0] {
            whole = policy.admitting(whole, at: start) ?? 0
            #expect(policy.standing(whole, at: start).remaining == remaining)
        }
        #expect(policy.admitting(whole, at: start) == nil)
        #expect(policy.admitting(whole, at: start + second - 1) == nil)
        #expect(policy.admitting(whole, at: start + second) != nil)
        let standing = policy.standing(whole, at: start)
        #expect(standing.limit == 3600)
        #expect(standing.reset == 5)
        #expect(standing.retryAfter == 1)
        #expect(policy.standing(whole, at: start + 5 * second).remaining == 5)
        #expect(policy.standing(whole, at: start + 5 * second).reset == 0)
    }

    @Test func survivesAnyNumbers() {
        for perHour in [Int.min, 0, 1, Int.max] {
            for burst in [Int.min, 0, 1, Int.max] {
                let policy = GCRA(perHour: perHour, burst: burst)
                #expect(policy.admitting(start, at: start) != nil)
                _ = policy.standing(Int64.max / 2, at: start)
            }
        }
    }

    /// Random policies and arrivals: never more than burst + rate × t, and whoever waits `Retry-After` is in.
    @Test(arguments: 0..<40)
    func neverAdmitsMoreThanTheRateAndKeepsItsPromises(seed: Int) {
        let random = SeededRandomness(seed: UInt64(seed))
        let perHour = 1 + random.number(below: random.element(of: [10, 1000, 10_000, 1_000_000]))
        let burst = 1 + random.number(below: random.element(of: [1, 5, 200]))
        let policy = GCRA(perHour: perHour, burst: burst)
        let hour = 3600 * second
        let step = Int(max(1, hour / Int64(perHour)) * 3)
        var now = start
        var whole: Int64 = 0
        var admitted = 0
        for _ in 0..<2000 {
            now += Int64(random.number(below: step))
            let standing = policy.standing(whole, at: now)
            if let next = policy.admitting(whole, at: now) {
                #expect(standing.remaining > 0 && standing.retryAfter == 0)
                whole = next
                admitted += 1
                let ceiling = Double(burst) + Double(now - start) * Double(perHour) / Double(hour)
                #expect(Double(admitted) <= ceiling + 1e-6)
                #expect(policy.standing(whole, at: now).remaining == standing.remaining - 1)
            } else {
                #expect(standing.remaining == 0 && standing.retryAfter > 0)
                #expect(policy.admitting(whole, at: now + Int64(standing.retryAfter) * second) != nil)
                #expect(policy.standing(whole, at: now + Int64(standing.reset) * second).remaining == burst)
            }
        }
    }

    @Test func nonsenseFiguresCountAsOne() {
        let policy = GCRA(perHour: 0, burst: -3)
        #expect(policy.perHour == 1)
        #expect(policy.burst == 1)
        let whole = policy.admitting(start, at: start) ?? 0
        #expect(policy.standing(whole, at: start).retryAfter == 3600)
    }
}
