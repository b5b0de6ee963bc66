import Foundation
import Testing
import Wire

@Suite struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    @Test func separatesMembersAndElements() {
        let text = written { writer in
            writer.object { writer in
                writer.field("a", 1)
                writer.field("b", nil as String?)
                writer.key("c")
                writer.array { writer in
                    writer.integer(1)
                    writer.object { _ in }
                    writer.array { _ in }
                    writer.bool(false)
                    writer.null()
                    writer.string("x")
                }
                writer.field("d", true)
            }
        }
        #expect(text == #"{"a":1,"b":null,"c":[1,{},[],false,null,"x"],"d":true}"#)
    }

    @Test(arguments: [
        Int64.min, -1_000_000, -10, -9, -1, 0, 1, 9, 10, 11, 99, 100, 3900, 1_000_000_000_000_000_000, Int64.max,
    ])
    func writesNumbers(number: Int64) {
        #expect(written { $0.integer(number) } == String(number))
    }

    @Test(arguments: [
        ("", #""""#),
        ("plain", #""plain""#),
        ("a/b", #""a/b""#),
        ("\"\\", #""\"\\""#),
        ("a\nb\r\tc\u{8}\u{c}", #""a\nb\r\tc\b\f""#),
        ("\u{0}\u{1}\u{1f} \u{7f}", "\"\\u0000\\u0001\\u001f \u{7f}\""),
        ("🇦🇺 Åß", "\"🇦🇺 Åß\""),
    ])
    func escapesWhatJSONRequiresAndNothingElse(text: String, json: String) {
        #expect(written { $0.string(text) } == json)
    }

    @Test func everyByteSurvivesTheParser() throws {
        let text = String(String.UnicodeScalarView((0..<0x3000).compactMap { Unicode.Scalar(UInt32($0)) }))
        var writer = JSONWriter()
        writer.string(text)
        #expect(try JSONParser.parse(writer.finish()) == .string(text))
    }

    @Test func timestampsAgreeWithFoundation() {
        let foundation = ISO8601DateFormatter()
        let days: [Int64] = [0, 59, 60, 365, 11_016, 18_321, 18_322, 19_782, 20_000, 47_540, 2_932_896]
        for day in days + Array(stride(from: -20_000, through: 60_000, by: 17)) {
            for second: Int64 in [0, 1, 3599, 43_200, 86_399] {
                let seconds = day * 86_400 + second
                let expected = foundation.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
                #expect(Wire.Timestamp(seconds: seconds).text == expected)
            }
        }
        let early = Wire.Timestamp(seconds: -1).json()
        #expect(String(decoding: early, as: UTF8.self) == "\"1969-12-31T23:59:59Z\"")
    }
}
