import Foundation

/// Linux calls that the Glibc module hides from Swift, found in the C library when they are used.
enum LinuxCalls {
    private typealias SystemCall = @convention(c) (CLong, CLong, CLong, CLong, CLong) -> CLong
    private typealias Allocate = @convention(c) (CInt, CInt, off_t, off_t) -> CInt

    // The same numbers on every architecture: both calls are newer than the common table.
    private static let pidfdSendSignal: CLong = 424
    private static let pidfdOpen: CLong = 434

    /// A descriptor of the process, which goes on meaning that process when its number is used again.
    /// Nil when there is no such process, or no such call.
    static func handle(of process: pid_t) -> Descriptor? {
        let raw = call(pidfdOpen, CLong(process), 0, 0, 0)
        return raw >= 0 ? Descriptor(CInt(raw)) : nil
    }

    /// Whether the signal was delivered.
    static func send(_ signal: CInt, to process: Descriptor) -> Bool {
        call(pidfdSendSignal, CLong(process.raw), CLong(signal), 0, 0) == 0
    }

    /// Gives the blocks of the file's first `count` bytes back to the file system; offsets stay as they are.
    /// False when the file system cannot.
    static func punchHole(in file: Descriptor, count: Int64) -> Bool {
        guard let symbol = dlsym(nil, "fallocate") else { return false }
        // FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, linux/falloc.h
        return unsafeBitCast(symbol, to: Allocate.self)(file.raw, 0x01 | 0x02, 0, off_t(count)) == 0
    }

    private static func call(_ number: CLong, _ a: CLong, _ b: CLong, _ c: CLong, _ d: CLong) -> CLong {
        // syscall(2) is variadic, which Swift cannot call; for whole numbers the calling conventions agree.
        guard let symbol = dlsym(nil, "syscall") else { return -1 }
        return unsafeBitCast(symbol, to: SystemCall.self)(number, a, b, c, d)
    }
}
