import Cloud
import Fakes
import Kernel
import Testing

@Suite struct APIKeyTests {
    /// Its checksum comes from zlib, its digest from OpenSSL.
    let known = "aisk_live_0123456789abcdef0123456789abcdef0123456783814f55"

    @Test func acceptsAKeyWithZlibsChecksum() throws {
        let key = try #require(APIKey(known))
        #expect(key.text.exposed == known)
        #expect(key.digest == "4b8d9a22f3494e57954a4370c05b0e0de2c39594f39f6f6762ceba5317a95a8f")
    }

    @Test func readsAKeyWithinALongerHeader() throws {
        let header = "Bearer \(known)"
        #expect(APIKey(header.dropFirst(7))?.text.exposed == known)
        #expect(APIKey(header) == nil)
    }

    @Test func hintsAtWhatTheOwnerSees() throws {
        let key = try #require(APIKey(known))
        #expect(key.firstFour == "0123")
        #expect(key.lastFour == "4f55")
    }

    @Test func mintsKeysThatAreAcceptedAndDiffer() {
        let randomness = SeededRandomness(seed: 1)
        let texts = (0..<1000).map { _ in APIKey.mint(from: randomness).text.exposed }
        #expect(Set(texts).count == texts.count)
        for text in texts {
            #expect(text.utf8.count == 58)
            #expect(APIKey(text)?.text.exposed == text)
        }
    }

    @Test func takesAllItsDigitsFromTheRandomness() {
        let first = SeededRandomness(seed: 7).bytes(20).hex
        #expect(APIKey.mint(from: SeededRandomness(seed: 7)).text.exposed.hasPrefix("aisk_live_\(first)"))
    }

    @Test func refusesEveryReplacedCharacter() {
        let original = Array(known.utf8)
        for position in original.indices {
            for byte in UInt8(0)...127 where byte != original[position] {
                var edited = original
                edited[position] = byte
                #expect(!isAccepted(edited), "\(position): \(byte)")
            }
        }
    }

    @Test func refusesEveryInsertedRemovedOrSwappedCharacter() {
        let original = Array(known.utf8)
        for position in 0...original.count {
            for byte in UInt8(0)...127 {
                var longer = original
                longer.insert(byte, at: position)
                #expect(!isAccepted(longer), "\(position): \(byte)")
            }
        }
        for position in original.indices {
            var shorter = original
            shorter.remove(at: position)
            #expect(!isAccepted(shorter), "\(position)")
        }
        for position in original.indices.dropLast() where original[position] != original[position + 1] {
            var swapped = original
            swapped.swapAt(position, position + 1)
            #expect(!isAccepted(swapped), "\(position)")
        }
    }

    @Test(arguments: [
        "", "aisk_live_", "Bearer", String(repeating: "a", count: 58), String(repeating: "é", count: 29),
        "AISK_LIVE_0123456789abcdef0123456789abcdef0123456783814f55",
        "aisk_live_0123456789ABCDEF0123456789ABCDEF0123456783814F55",
        "aisk_live_0123456789abcdef0123456789abcdef01234567 3814f55",
        " aisk_live_0123456789abcdef0123456789abcdef0123456783814f55",
    ])
    func refusesWhatOnlyLooksLikeAKey(_ text: String) {
        #expect(APIKey(text) == nil)
    }

    @Test func neverPrintsItself() throws {
        let key = try #require(APIKey(known))
        var dumped = ""
        dump(key, to: &dumped)
        for printed in ["\(key)", String(describing: key), String(reflecting: key), dumped] {
            #expect(!printed.contains("0123"))
            #expect(!printed.contains("4f55"))
        }
    }

    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        APIKey(String(decoding: bytes, as: UTF8.self)) != nil
    }
}
