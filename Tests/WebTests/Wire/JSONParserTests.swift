import Testing
import Wire

@Suite struct JSONParserTests {
    @Test(arguments: [
        ("null", JSONValue.null),
        ("true", .bool(true)),
        (" \t\r\n false \n", .bool(false)),
        ("0", .integer(0)),
        ("-0", .integer(0)),
        ("-12", .integer(-12)),
        ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number("9223372036854775808")),
        ("0.5", .number("0.5")),
        ("1.0", .number("1.0")),
        ("-1.5e+3", .number("-1.5e+3")),
        ("1E400", .number("1E400")),
        ("\"\"", .string("")),
        (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{c}\n\r\t")),
        (#""\u0041\u00e9\u20AC""#, .string("Aé€")),
        (#""\ud83c\uDDE6""#, .string("\u{1F1E6}")),
        (#""\u0000""#, .string("\u{0}")),
        ("\"🇦🇺 é\u{7f}\u{2028}\"", .string("🇦🇺 é\u{7f}\u{2028}")),
        ("[]", .array([])),
        ("[1 , [ ] ,{}]", .array([.integer(1), .array([]), .object([])])),
        ("{}", .object([])),
        (
            #"{ "b" : 1 , "a" : [null] }"#,
            .object([.init(name: "b", value: .integer(1)), .init(name: "a", value: .array([.null]))])
        ),
        // Equal for a reader of Unicode, but two names: é as one scalar and as two.
        (
            "{\"\u{e9}\":1,\"e\u{301}\":2}",
            .object([.init(name: "\u{e9}", value: .integer(1)), .init(name: "e\u{301}", value: .integer(2))])
        ),
    ])
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(Array(text.utf8)) == value)
    }

    @Test(arguments: [
        ("", "empty", 0),
        ("  ", "empty", 2),
        ("{", "ends too early", 1),
        ("[1,", "ends too early", 3),
        ("\"abc", "a string does not end", 4),
        ("\"abc\\", "a string does not end", 5),
        ("{} x", "more text behind the end", 3),
        ("{}{}", "more text behind the end", 2),
        ("nul", "unexpected character", 0),
        ("nulL", "unexpected character", 0),
        ("True", "unexpected character", 0),
        ("NaN", "unexpected character", 0),
        ("Infinity", "unexpected character", 0),
        ("'a'", "unexpected character", 0),
        ("// a\n1", "unexpected character", 0),
        ("01", "more text behind the end", 1),
        ("-01", "more text behind the end", 2),
        ("-", "not a number", 1),
        ("+1", "unexpected character", 0),
        (".5", "unexpected character", 0),
        ("1.", "not a number", 2),
        ("1.e3", "not a number", 2),
        ("1e", "not a number", 2),
        ("1e+", "not a number", 3),
        ("0x10", "more text behind the end", 1),
        ("[1,]", "unexpected character", 3),
        ("[,1]", "unexpected character", 1),
        ("[1 2]", #"expected "," or "]""#, 3),
        (#"{"a":1,}"#, "expected a name in quotes", 7),
        (#"{a:1}"#, "expected a name in quotes", 1),
        (#"{"a" 1}"#, #"expected ":""#, 5),
        (#"{"a":1 "b":2}"#, #"expected "," or "}""#, 7),
        (#"{1:1}"#, "expected a name in quotes", 1),
        (#"{"plan":"a","plan":"b"}"#, #"duplicate key "plan""#, 12),
        (#"{"plan":"a","\u0070lan":"b"}"#, #"duplicate key "plan""#, 12),
        ("\"a\nb\"", "control character in a string", 2),
        ("\"\u{0}\"", "control character in a string", 1),
        (#""\x41""#, "unknown escape", 1),
        (#""\u12""#, #"\u wants four hexadecimal digits"#, 5),
        (#""\u12G4""#, #"\u wants four hexadecimal digits"#, 5),
        (#""\ud800""#, "lone surrogate", 1),
        (#""\udc00""#, "lone surrogate", 1),
        (#""\ud800\u0041""#, "lone surrogate", 1),
        (#""\ud800\n""#, "lone surrogate", 1),
        (#""\udc00\ud800""#, "lone surrogate", 1),
        ("\u{feff}{}", "begins with a byte order mark", 0),
        ("{}\u{a0}", "more text behind the end", 2),
    ])
    func refuses(text: String, reason: String, offset: Int) {
        let fault = #expect(throws: JSONFault.self) { try JSONParser.parse(Array(text.utf8)) }
        #expect(fault == JSONFault(reason, at: offset))
    }

    @Test(arguments: [
        ([0x22, 0xFF, 0x22], 1),
        ([0x22, 0x61, 0xC3, 0x22], 2),
        // An overlong slash, a surrogate, and what lies beyond Unicode.
        ([0x22, 0xC0, 0xAF, 0x22], 1),
        ([0x22, 0xED, 0xA0, 0x80, 0x22], 1),
        ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1),
        ([0x7B, 0x7D, 0x80], 2),
    ])
    func refusesWhatIsNotUTF8(bytes: [UInt8], offset: Int) {
        let fault = #expect(throws: JSONFault.self) { try JSONParser.parse(bytes) }
        #expect(fault == JSONFault("not UTF-8", at: offset))
    }

    @Test func readsThirtyTwoLevelsAndNoMore() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        }
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            _ = try JSONParser.parse(nested(32, open, close))
            let fault = #expect(throws: JSONFault.self) { try JSONParser.parse(nested(33, open, close)) }
            #expect(fault?.reason == "nested deeper than 32")
            #expect(throws: JSONFault.self) { try JSONParser.parse(nested(20_000, open, close)) }
        }
        // Siblings are not depth.
        _ = try JSONParser.parse(Array("[\(Array(repeating: "[]", count: 100).joined(separator: ","))]".utf8))
    }

    @Test func everyTruncationOfAGoodTextIsRefused() throws {
        let text = Array(#"{"plan":"standard","n":[1,-2.5e3,true,null],"é":"\ud83c\udde6"}"#.utf8)
        _ = try JSONParser.parse(text)
        for length in 0..<text.count {
            #expect(throws: JSONFault.self) { try JSONParser.parse(Array(text.prefix(length))) }
        }
    }

    @Test func whatItReadsIsWrittenTheSame() throws {
        let text = #"{"a":[1,-7,0.25,1E9,"x\"\\\n\u0001é🇦🇺/",true,false,null,{}],"b":{"c":[]}}"#
        #expect(try JSONParser.parse(Array(text.utf8)).json() == Array(text.utf8))
    }
}
