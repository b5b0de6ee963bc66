import Cloud
import Testing

@Suite struct BusinessNumberTests {
    /// The register's own example, and numbers that Australian bodies print on their letters.
    private static let good = ["51 824 753 556", "83 914 571 673", "53 004 085 616", "33 102 417 032"]

    @Test(arguments: good) func acceptsANumberOfTheRegister(text: String) throws {
        let number = try #require(BusinessNumber(text))
        #expect(number.description == text)
        #expect(BusinessNumber(number.digits) == number)
    }

    @Test(arguments: good) func refusesEveryOneDigitMistyped(text: String) throws {
        let digits = Array(try #require(BusinessNumber(text)).digits.utf8)
        for place in digits.indices {
            for other in UInt8(ascii: "0")...UInt8(ascii: "9") where other != digits[place] {
                var mistyped = digits
                mistyped[place] = other
                #expect(BusinessNumber(String(decoding: mistyped, as: UTF8.self)) == nil)
            }
        }
    }

    @Test(arguments: good) func refusesNeighboursExchanged(text: String) throws {
        let digits = Array(try #require(BusinessNumber(text)).digits.utf8)
        for place in digits.indices.dropLast() where digits[place] != digits[place + 1] {
            var exchanged = digits
            exchanged.swapAt(place, place + 1)
            #expect(BusinessNumber(String(decoding: exchanged, as: UTF8.self)) == nil)
        }
    }

    @Test(arguments: [
        "", "51824753", "51 824 753 5566", "51-824-753-556", "٥١ ٨٢٤ ٧٥٣ ٥٥٦", "51 824 753 55a", "00 000 000 000",
    ])
    func refusesWhatIsNotElevenDigits(text: String) {
        #expect(BusinessNumber(text) == nil)
    }
}
