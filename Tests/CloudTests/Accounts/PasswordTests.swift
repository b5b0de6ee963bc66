import Cloud
import Testing

@Suite struct PasswordTests {
    @Test(arguments: [0, 1, 7, 129, 5000])
    func refusesOtherLengths(_ count: Int) throws {
        let text = String(repeating: "ß", count: count)
        let refusal = try #require(throws: Refusal.self) { try Password(chosen: text) }
        #expect(refusal.code == .invalid)
        #expect(refusal.fields["password"] == "A password has 8 to 128 characters; this one has \(count)")
    }

    @Test(arguments: [8, 9, 127, 128])
    func acceptsFrom8To128Characters(_ count: Int) throws {
        let text = String(repeating: "界", count: count)
        #expect(try Password(chosen: text).bytes == Array(text.utf8))
    }

    @Test func countsUnicodeScalarsAfterNormalising() throws {
        // Seven letters, of which one is typed as two scalars.
        #expect(throws: Refusal.self) { try Password(chosen: "cafe\u{301}abc") }
        // 128 of them, typed as 256.
        let decomposed = String(repeating: "e\u{301}", count: 128)
        #expect(try Password(chosen: decomposed).bytes == Array(String(repeating: "\u{e9}", count: 128).utf8))
    }

    @Test func isTheSameHoweverAnAccentIsTyped() {
        let composed = Password(entered: "cr\u{e8}me br\u{fb}l\u{e9}e")
        let decomposed = Password(entered: "cre\u{300}me bru\u{302}le\u{301}e")
        #expect(composed.bytes == decomposed.bytes)
        #expect(composed.bytes != Password(entered: "creme brulee").bytes)
    }

    @Test func keepsLettersThatOnlyLookAlikeApart() {
        // NFC, not NFKC: the ligature and the full-width letter stay what they are.
        #expect(Password(entered: "\u{fb01}sherman").bytes != Password(entered: "fisherman").bytes)
        #expect(Password(entered: "\u{ff41}bcdefgz").bytes != Password(entered: "abcdefgz").bytes)
    }

    @Test(arguments: ["password", "PassWord", "12345678", "1qaz2wsx", "QWERTYUIOP", "iloveyou", "trustno1", "p@ssw0rd"])
    func refusesTheCommonest(_ text: String) throws {
        let refusal = try #require(throws: Refusal.self) { try Password(chosen: text) }
        let sentence = "This password is among the first that attackers try; choose another"
        #expect(refusal == Refusal(.invalid, sentence, fields: ["password": sentence]))
    }

    @Test func letsAnythingBeEnteredToSignIn() {
        #expect(Password(entered: "").bytes.isEmpty)
        #expect(Password(entered: "12345678").bytes == Array("12345678".utf8))
        let long = String(repeating: "e\u{301}", count: 10_000)
        #expect(Password(entered: long).bytes.count == 30_000)
    }

    @Test func neverPrintsItself() {
        let password = Password(entered: "correct horse")
        var dumped = ""
        dump(password, to: &dumped)
        for printed in ["\(password)", String(reflecting: password), dumped] {
            #expect(!printed.contains("correct"))
        }
    }
}
