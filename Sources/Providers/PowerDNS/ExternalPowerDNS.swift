import Cloud
import Foundation
import Kernel
import Synchronization

/// A PowerDNS that somebody else runs.
package final class ExternalPowerDNS: PowerDNSEngine {
    private let url: String
    private let key: Secret<String>
    private let time: any Timekeeper
    private let name: String
    private let state = Mutex(State())

    private struct State {
        var starts = 0
        /// By `Timekeeper.elapsed`.
        var startedAt: Duration?
    }

    /// - Parameters:
    ///   - url: of its API, without a slash at the end.
    ///   - key: what its setting `api-key` says.
    package init(url: String, key: Secret<String>, time: any Timekeeper, randomness: any Randomness) {
        self.url = url
        self.key = key
        self.time = time
        name = randomness.bytes(8).hex
    }

    /// It says since when it runs: later than before means that it was started again.
    package func access() async throws(ZonesError) -> PowerDNSAccess {
        do {
            let api = PowerDNSAPI(access: PowerDNSAccess(url: url, key: key, life: name))
            let asked = time.elapsed
            let statistics = try await api.get("/statistics?statistic=uptime", as: [PowerDNSObject.Statistic].self)
            guard let uptime = statistics.first.flatMap({ Int($0.value) }) else {
                throw PowerDNSAPI.Fault.unavailable("\(url) does not say since when it runs")
            }
            return PowerDNSAccess(url: url, key: key, life: life(startedAt: asked - .seconds(uptime)))
        } catch PowerDNSAPI.Fault.unavailable(let words), PowerDNSAPI.Fault.refused(let words) {
            throw ZonesError(.unavailable, words)
        } catch {
            throw ZonesError(.unavailable, "no PowerDNS API at \(url): \(error)")
        }
    }

    private func life(startedAt moment: Duration) -> String {
        state.withLock { state in
            // It counts in whole seconds, and the answer may have been on its way for some.
            if let known = state.startedAt, moment - known < .seconds(3) {
                state.startedAt = min(known, moment)
            } else {
                state.startedAt = moment
                state.starts += 1
            }
            return "\(name)-\(state.starts)"
        }
    }
}
