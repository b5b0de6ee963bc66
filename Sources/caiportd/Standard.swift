import Foundation

/// A standard stream, written in whole pieces and without a buffer, so that what was said is there when the
/// process dies. Nobody reading it any more is no reason to stop.
struct Standard: Sendable {
    static let output = Standard(descriptor: 1)
    static let error = Standard(descriptor: 2)

    private let descriptor: Int32

    /// Whether a person is likely to watch.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    func write(_ text: String) {
        write(Array(text.utf8))
    }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
