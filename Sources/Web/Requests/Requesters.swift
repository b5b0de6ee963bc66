import Cloud
import Kernel
import Wire

extension Exchange {
    /// Who asks for a change, for the audit log.
    func requester(_ caller: Caller) -> Requester {
        Requester(account: caller.account, key: caller.key, address: client.text, requestID: requestID)
    }
}

extension Wire.Timestamp {
    init(_ instant: Instant) {
        self.init(seconds: instant.seconds)
    }
}
