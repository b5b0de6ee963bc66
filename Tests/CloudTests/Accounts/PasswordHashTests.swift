import Cloud
import Fakes
import Foundation
import Kernel
import Testing

@Suite struct PasswordHashTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let password: String
        let salt: String
        let exponent: Int
        let blockSize: Int
        let parallelism: Int
        let key: String

        var testDescription: String { "\"\(password)\", N = 2^\(exponent), r = \(blockSize), p = \(parallelism)" }
    }

    /// RFC 7914, section 12.
    static let vectors = [
        Vector(
            password: "", salt: "", exponent: 4, blockSize: 1, parallelism: 1,
            key: "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"),
        Vector(
            password: "password", salt: "NaCl", exponent: 10, blockSize: 8, parallelism: 16,
            key: "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"),
        Vector(
            password: "pleaseletmein", salt: "SodiumChloride", exponent: 14, blockSize: 8, parallelism: 1,
            key: "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"),
    ]

    /// The fourth takes a gibibyte.
    static let largestVector = Vector(
        password: "pleaseletmein", salt: "SodiumChloride", exponent: 20, blockSize: 8, parallelism: 1,
        key: "2101cb9b6a511aaeaddbbe09cf70f881ec568d574a2ffd4dabe5ee9820adaa47"
            + "8e56fd8f4ba5d09ffa1c6d927c40f4c337304049e8a952fbcbf45c6fa77a41a4")

    @Test(arguments: isProof ? vectors + [largestVector] : vectors)
    func agreesWithRFC7914(_ vector: Vector) throws {
        let cost = try #require(
            ScryptCost(exponent: vector.exponent, blockSize: vector.blockSize, parallelism: vector.parallelism))
        let key = try cost.key(from: Array(vector.password.utf8), salt: Array(vector.salt.utf8), byteCount: 64)
        #expect(key.hex == vector.key)
    }

    /// Computed by Python's hashlib; such lines are in databases, so they have to work for ever.
    @Test(arguments: [
        (
            "correct horse battery staple",
            "scrypt$15$8$3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc="
        ),
        (
            "cafe\u{301} au lait",
            "scrypt$10$8$1$EBESExQVFhcYGRobHB0eHw==$4jtd5VWfjQEQh8AmawMy0yz8ZvvOsTlooTljfaA41vM="
        ),
    ])
    func readsAStoredLine(_ text: String, _ line: String) async throws {
        let hash = try #require(PasswordHash(line))
        #expect(hash.text == line)
        let hasher = PasswordHasher(randomness: SeededRandomness(seed: 1))
        #expect(try await hasher.matches(Password(entered: text), hash))
        #expect(try await !hasher.matches(Password(entered: text + " "), hash))
    }

    @Test func costsWhatTheDesignSays() async throws {
        let hasher = PasswordHasher(randomness: SeededRandomness(seed: 1))
        let hash = try await hasher.hash(Password(chosen: "a sound password"))
        #expect(hash.text.hasPrefix("scrypt$15$8$3$"))
        #expect(hash.cost == .current)
        #expect(try await hasher.matches(Password(entered: "a sound password"), hash))
    }

    @Test(arguments: [
        "", "scrypt", "scrypt$15$8$3$",
        "bcrypt$15$8$3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
        "scrypt$21$8$3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
        "scrypt$0$8$3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
        "scrypt$16$1$1$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
        "scrypt$15$9$3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
        "scrypt$15$8$17$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
        "scrypt$15$8$-3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
        "scrypt$15$8$3$AAECAwQFBgcICQoLDA0O$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
        "scrypt$15$8$3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G",
        "scrypt$15$8$3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=$",
        "scrypt$15$8$3$AAECAwQFBgcICQoLDA0ODw==$ZwXb EbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc=",
    ])
    func refusesADamagedLine(_ line: String) {
        #expect(PasswordHash(line) == nil)
    }

    @Test func neverPrintsItsKey() throws {
        let hash = try #require(
            PasswordHash("scrypt$15$8$3$AAECAwQFBgcICQoLDA0ODw==$ZwXboEbK+6uo3pibyojgA4zgNULQwM2WqPlWpy+G7mc="))
        var dumped = ""
        dump(hash, to: &dumped)
        // 103 and 219 are the key's first bytes.
        for printed in ["\(hash)", String(reflecting: hash), dumped] {
            #expect(!printed.contains("ZwXb"))
            #expect(!printed.contains("103"))
            #expect(!printed.contains("219"))
        }
    }
}

private let isProof = ProcessInfo.processInfo.environment["CAIPORT_PROOF"] == "1"
