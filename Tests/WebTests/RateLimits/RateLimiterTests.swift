import Fakes
import Kernel
import Testing
import Web

@Suite struct RateLimiterTests {
    private let time = ManualTime()

    private func limiter(enforced: Bool = true, capacity: Int = 200_000) -> RateLimiter {
        RateLimiter(enforced: enforced, timekeeper: time, capacity: capacity)
    }

    private func charge(
        _ name: RateLimiter.PolicyName = .general, perHour: Int = 3600, burst: Int = 2, key: String = "a"
    ) -> RateLimiter.Charge {
        RateLimiter.Charge(name, GCRA(perHour: perHour, burst: burst), .key(key))
    }

    @Test func countsEachSubjectAndEachPolicyByItself() {
        let limiter = limiter()
        #expect(limiter.admit(charge()).admitted)
        #expect(limiter.admit(charge()).admitted)
        #expect(!limiter.admit(charge()).admitted)
        #expect(limiter.admit(charge(key: "b")).admitted)
        #expect(limiter.admit(charge(.deploys)).admitted)
        #expect(limiter.admit(RateLimiter.Charge(.general, GCRA(perHour: 1, burst: 1), .network(.v4(1)))).admitted)
    }

    @Test func chargesNothingWhenOneOfTwoPoliciesRefuses() {
        let limiter = limiter()
        let general = charge(burst: 10)
        let deploys = charge(.deploys, perHour: 60, burst: 1)
        #expect(limiter.admit(general, deploys).admitted)
        for _ in 0..<5 {
            let verdict = limiter.admit(general, deploys)
            #expect(!verdict.admitted)
            // The refusing policy speaks.
            #expect(verdict.standing.limit == 60)
            #expect(verdict.standing.retryAfter == 60)
        }
        #expect(limiter.standing(general).remaining == 9)
    }

    @Test func speaksOfThePolicyNearestToRefusing() {
        let limiter = limiter()
        let verdict = limiter.admit(charge(perHour: 3600, burst: 3), charge(.deploys, perHour: 60, burst: 9))
        #expect(verdict.standing.limit == 3600)
        #expect(verdict.standing.remaining == 2)
    }

    @Test func waitingAsLongAsToldAdmits() {
        let limiter = limiter()
        let charge = charge(perHour: 7, burst: 3)
        for _ in 0..<20 {
            let verdict = limiter.admit(charge)
            if verdict.admitted { continue }
            time.advance(by: .seconds(verdict.standing.retryAfter))
            #expect(limiter.admit(charge).admitted)
        }
    }

    @Test(arguments: [-86_400, -3600, 3600, 86_400])
    func aClockThatIsSetRefusesNobodyAndForgivesNobody(seconds: Int) {
        let limiter = limiter()
        let (spent, half) = (
            charge(perHour: 3600, burst: 10, key: "spent"), charge(perHour: 3600, burst: 10, key: "half")
        )
        for _ in 0..<10 { _ = limiter.admit(spent) }
        for _ in 0..<5 { _ = limiter.admit(half) }
        time.set(forwardBy: .seconds(seconds))
        let verdict = limiter.admit(spent)
        #expect(!verdict.admitted)
        #expect(verdict.standing.retryAfter == 1)
        #expect(verdict.standing.reset == 10)
        #expect(limiter.standing(half).remaining == 5)
        time.advance(by: .seconds(1))
        #expect(limiter.admit(spent).admitted)
        #expect(!limiter.admit(spent).admitted)
    }

    @Test func refusesNothingWhenOffButStillCounts() {
        let limiter = limiter(enforced: false)
        for _ in 0..<10 { #expect(limiter.admit(charge()).admitted) }
        #expect(limiter.standing(charge()).remaining == 0)
        #expect(limiter.standing(charge()).reset == 2)
    }

    @Test func forgetsBucketsThatAreWholeAgain() {
        let limiter = limiter()
        for number in 0..<5000 {
            _ = limiter.admit(charge(key: "\(number)"))
            time.advance(by: .milliseconds(10))
        }
        #expect(limiter.count < 2500)
    }

    @Test func staysWithinItsCapacityWhoeverAsks() {
        let limiter = limiter(capacity: 1000)
        for number in 0..<20_000 {
            _ = limiter.admit(charge(perHour: 1, burst: 2, key: "\(number)"))
            #expect(limiter.count <= 1000)
        }
    }

    @Test func thinningOutKeepsWhoHasSpentMost() {
        let limiter = limiter(capacity: 1000)
        let spent = charge(perHour: 1, burst: 5, key: "spent")
        for _ in 0..<5 { _ = limiter.admit(spent) }
        for number in 0..<3000 { _ = limiter.admit(charge(perHour: 1, burst: 5, key: "\(number)")) }
        #expect(!limiter.admit(spent).admitted)
    }
}
