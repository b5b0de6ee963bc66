import Fakes
import Kernel
import Testing

@Suite struct IdentifierTests {
    enum Kind: IdentifierKind { static let prefix = "sv" }

    @Test func acceptsOnlyItsOwnForm() {
        #expect(Identifier<Kind>("sv_0123456789abcdef")?.text == "sv_0123456789abcdef")
        for text in [
            "", "sv_", "sv_0123456789abcde", "sv_0123456789abcdef0", "sv_0123456789ABCDEF", "dm_0123456789abcdef",
            "sv-0123456789abcdef", "sv_0123456789abcdeg", " sv_0123456789abcdef", "sv_0123456789abcdé",
        ] {
            #expect(Identifier<Kind>(text) == nil, "\(text)")
        }
    }

    @Test func newOnesAreReadableAndDiffer() {
        let randomness = SystemRandomness()
        let made = (0..<1000).map { _ in Identifier<Kind>(from: randomness) }
        #expect(Set(made).count == 1000)
        #expect(made.allSatisfy { Identifier<Kind>($0.text) == $0 })
    }
}
