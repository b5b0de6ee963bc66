import Kernel
import Synchronization

/// Randomness that repeats itself: the same seed gives the same bytes in the same order.
///
/// SplitMix64 (Steele, Lea and Flood 2014, https://doi.org/10.1145/2714064.2660195). Safe to share between
/// threads, though who gets which bytes is then up to them.
package final class SeededRandomness: Randomness {
    package let seed: UInt64
    private let state: Mutex<UInt64>

    package init(seed: UInt64) {
        self.seed = seed
        state = Mutex(seed)
    }

    package func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count + 8)
            while bytes.count < count {
                withUnsafeBytes(of: Self.next(&state).littleEndian) { bytes.append(contentsOf: $0) }
            }
            return Array(bytes.prefix(count))
        }
    }

    /// A number from 0 up to, not including, `bound`, which is 1 or more.
    package func number(below bound: Int) -> Int {
        Int(state.withLock { Self.next(&$0) }.multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// One of `choices`, of which there is at least one.
    package func element<Element>(of choices: [Element]) -> Element {
        choices[number(below: choices.count)]
    }

    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
