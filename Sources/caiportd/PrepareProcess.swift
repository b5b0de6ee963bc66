import Foundation

/// What the process needs before it does anything: files for their owner only, as many open ones as the
/// host allows, and errors instead of signals when somebody hangs up.
func prepareProcess() {
    umask(0o077)
    signal(SIGPIPE, SIG_IGN)
    var limit = rlimit()
    guard getrlimit(openFiles, &limit) == 0 else { return }
    // Some programs we start close every number up to the limit, one by one.
    let wanted = min(limit.rlim_max, 1 << 20)
    guard limit.rlim_cur < wanted else { return }
    limit.rlim_cur = wanted
    setrlimit(openFiles, &limit)
}

/// Whether whoever started the process wants it to outlive a terminal that hangs up, as `nohup` does.
var isHangUpIgnored: Bool {
    var action = sigaction()
    guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
    // Functions cannot be compared; SIG_IGN is the address 1.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}

#if canImport(Glibc)
    private let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
    private let openFiles = RLIMIT_NOFILE
#endif
