import Kernel
import Synchronization

/// Names for requests: `req_` and 16 hexadecimal digits, by which an answer is found in the log. Ours, never
/// the client's.
///
/// SplitMix64 from a random start (Steele, Lea and Flood 2014, https://doi.org/10.1145/2714064.2660195): no
/// name comes twice within 2^64, and none costs a system call. They identify and are no secret.
package final class RequestIDs: Sendable {
    private let state: Atomic<UInt64>

    package init(randomness: any Randomness) {
        state = Atomic(randomness.bytes(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    package func next() -> String {
        var mixed = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return String(unsafeUninitializedCapacity: 20) { bytes in
            _ = bytes.initialize(from: "req_".utf8)
            for place in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: mixed >> (60 - 4 * place)) & 15
                bytes[4 + place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 20
        }
    }
}
