import Kernel
import Synchronization

/// The buckets of this node, in memory.
///
/// Memory is bounded: buckets that are whole again are dropped, and when there are still too many, about the
/// half of them that is nearest to whole.
package final class RateLimiter: Sendable {
    /// Whose requests a bucket counts.
    package enum Subject: Hashable, Sendable {
        case key(String)
        case network(ClientAddress.Network)
    }

    package enum PolicyName: Hashable, Sendable {
        case general
        case deploys
        case domainChecks
        case publicLists
        case failedAttempts
        case signIns
    }

    /// One policy applied to one subject.
    package struct Charge: Sendable {
        fileprivate let bucket: Bucket
        fileprivate let policy: GCRA

        package init(_ name: PolicyName, _ policy: GCRA, _ subject: Subject) {
            bucket = Bucket(name: name, subject: subject)
            self.policy = policy
        }
    }

    package struct Verdict: Sendable {
        package let admitted: Bool
        /// Of the policy nearest to refusing, or of the one that refused.
        package let standing: GCRA.Standing
    }

    fileprivate struct Bucket: Hashable {
        let name: PolicyName
        let subject: Subject
    }

    private struct Buckets {
        var whole: [Bucket: Int64] = [:]
        var nextSweep = 1024
    }

    private let buckets = Mutex(Buckets())
    private let enforced: Bool
    private let timekeeper: any Timekeeper
    private let capacity: Int

    package init(enforced: Bool, timekeeper: any Timekeeper, capacity: Int = 200_000) {
        self.enforced = enforced
        self.timekeeper = timekeeper
        self.capacity = capacity
    }

    /// Counts one request under every policy given, or under none if one of them refuses it.
    package func admit(_ first: Charge, _ second: Charge? = nil) -> Verdict {
        let now = nanoseconds
        return buckets.withLock { buckets in
            let before = (
                first.policy.settled(buckets.whole[first.bucket] ?? now, at: now),
                second.map { $0.policy.settled(buckets.whole[$0.bucket] ?? now, at: now) } ?? now
            )
            let after = (
                first.policy.admitting(before.0, at: now), second.map { $0.policy.admitting(before.1, at: now) } ?? now
            )
            guard let firstAfter = after.0, let secondAfter = after.1 else {
                return Verdict(admitted: !enforced, standing: standing(first, second, before, at: now))
            }
            makeRoom(in: &buckets, at: now)
            buckets.whole[first.bucket] = firstAfter
            if let second { buckets.whole[second.bucket] = secondAfter }
            return Verdict(admitted: true, standing: standing(first, second, (firstAfter, secondAfter), at: now))
        }
    }

    /// How the bucket stands, without a charge.
    package func standing(_ charge: Charge) -> GCRA.Standing {
        let now = nanoseconds
        return buckets.withLock { charge.policy.standing($0.whole[charge.bucket] ?? now, at: now) }
    }

    /// Buckets in memory; for tests and the operator.
    package var count: Int {
        buckets.withLock { $0.whole.count }
    }

    /// Of the time elapsed, which nobody can set: a clock set back must refuse nobody, and one set forward must
    /// forgive nobody.
    private var nanoseconds: Int64 {
        let (seconds, attoseconds) = timekeeper.elapsed.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    private func standing(
        _ first: Charge, _ second: Charge?, _ whole: (Int64, Int64), at now: Int64
    ) -> GCRA.Standing {
        let one = first.policy.standing(whole.0, at: now)
        guard let other = second.map({ $0.policy.standing(whole.1, at: now) }) else { return one }
        if one.retryAfter != other.retryAfter { return one.retryAfter > other.retryAfter ? one : other }
        return other.remaining < one.remaining ? other : one
    }

    private func makeRoom(in buckets: inout Buckets, at now: Int64) {
        guard buckets.whole.count >= min(buckets.nextSweep, capacity) else { return }
        buckets.whole = buckets.whole.filter { $0.value > now }
        buckets.nextSweep = max(1024, buckets.whole.count * 2)
        guard buckets.whole.count > capacity * 9 / 10 else { return }
        // A sweep that frees little would come again with the next request: thin out what is left.
        let sample = buckets.whole.values.prefix(101).sorted()
        let median = sample[sample.count / 2]
        buckets.whole = buckets.whole.filter { $0.value > median }
    }
}
