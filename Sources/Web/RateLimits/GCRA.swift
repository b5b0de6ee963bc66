/// The generic cell rate algorithm: a leaky bucket that is one number.
///
/// A bucket's state is the instant at which it will be whole again (the "theoretical arrival time" of ITU-T
/// I.371), in nanoseconds of a clock that nobody sets. Admitting a request moves that instant `interval` further; a request is
/// admitted while the instant stays within `burst` intervals of now. Never more than `burst` + rate × t are
/// admitted in any time t.
package struct GCRA: Hashable, Sendable {
    package let perHour: Int
    package let burst: Int
    private let interval: Int64

    /// Both at least 1; less counts as 1, and more than a request a nanosecond, or than fits the sums, as the most
    /// that does.
    package init(perHour: Int, burst: Int) {
        let hour: Int64 = 3_600_000_000_000
        self.perHour = min(max(1, perHour), Int(hour))
        // Rounded up: never a request more than the rate.
        interval = max(1, (hour + Int64(self.perHour) - 1) / Int64(self.perHour))
        self.burst = min(max(1, burst), Int(Int64.max / 4 / interval))
    }

    /// What a bucket looks like from outside.
    package struct Standing: Hashable, Sendable {
        /// The policy's figure for an hour.
        package let limit: Int
        /// Requests that would be admitted now.
        package let remaining: Int
        /// Whole seconds until the bucket is whole, rounded up.
        package let reset: Int
        /// Whole seconds until one more request is admitted, rounded up; 0 while some remain.
        package let retryAfter: Int
    }

    /// The state after one more request, or nil when it is refused.
    package func admitting(_ whole: Int64, at now: Int64) -> Int64? {
        let next = settled(whole, at: now) + interval
        return next - now <= window ? next : nil
    }

    package func standing(_ whole: Int64, at now: Int64) -> Standing {
        let whole = settled(whole, at: now)
        let spent = whole - now
        return Standing(
            limit: perHour, remaining: Int((window - spent) / interval), reset: wholeSeconds(spent),
            retryAfter: wholeSeconds(max(0, spent + interval - window)))
    }

    /// How far ahead of now the state may be.
    private var window: Int64 { interval * Int64(burst) }

    /// The state brought within what is possible now: never behind now, and never more than an entirely spent
    /// bucket, also when the policy has become more generous since.
    package func settled(_ whole: Int64, at now: Int64) -> Int64 {
        min(max(whole, now), now + window)
    }

    private func wholeSeconds(_ nanoseconds: Int64) -> Int {
        Int((nanoseconds + 999_999_999) / 1_000_000_000)
    }
}
