#if DEBUG
    import Foundation
#endif

/// Named places between two effects where a test can kill the process.
///
/// In debug builds, when the environment variable `CAIPORT_CRASH_AT` equals the name, the process dies
/// there as by `kill -9`. In release builds nothing is compiled in.
package enum CrashPoint {
    #if DEBUG
        private static let chosen = ProcessInfo.processInfo.environment["CAIPORT_CRASH_AT"]

        package static func reach(_ name: @autoclosure () -> String) {
            guard let chosen, chosen == name() else { return }
            kill(getpid(), SIGKILL)
            // The signal is on its way; nothing after this point may run.
            while true { pause() }
        }
    #else
        @inline(__always)
        package static func reach(_ name: @autoclosure () -> String) {}
    #endif
}
