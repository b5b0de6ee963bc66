import Foundation

/// Hands every job of the process to the scheduler instead of the runtime's threads.
///
/// The runtime exports these pointers for tools that replace its pool of threads; see
/// `swift/Runtime/Concurrency.h`.
enum JobHook {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void
    private typealias DelayOriginal = @convention(thin) (UInt64, UnownedJob) -> Void
    private typealias DelayHook = @convention(thin) (UInt64, UnownedJob, DelayOriginal) -> Void

    /// The runtime has no such pointer: it is another runtime than this was written for.
    struct Missing: Error {
        let name: String
    }

    static func install() throws(Missing) {
        try pointer("swift_task_enqueueGlobal_hook", to: Hook?.self).pointee = { job, _ in
            Scheduler.shared.add(job)
        }
        // A job that waits for the host's clock would come when it likes.
        try pointer("swift_task_enqueueGlobalWithDelay_hook", to: DelayHook?.self).pointee = { _, _, _ in
            Scheduler.shared.escaped("a task sleeps on the host's clock")
        }
    }

    private static func pointer<Target>(
        _ name: String, to type: Target.Type
    ) throws(Missing) -> UnsafeMutablePointer<Target> {
        guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), name) else { throw Missing(name: name) }
        return symbol.assumingMemoryBound(to: type)
    }
}

extension UnownedJob {
    /// Runs the job to its next suspension, on this thread, as the pool would: on no executor in particular.
    func runHere() {
        runSynchronously(on: unsafeBitCast((0, 0), to: UnownedSerialExecutor.self))
    }
}
