import Testing
import Wire

@Suite struct RequestFieldsTests {
    private func fields(_ text: String) throws -> RequestFields {
        try RequestFields(parsing: Array(text.utf8))
    }

    @Test func readsFieldsOfEveryTypeAndIgnoresTheRest() throws {
        var fields = try fields(#"{"s":"x","n":-3,"b":true,"l":["a","b"],"unknown":{"s":1}}"#)
        #expect(fields.string("s") == "x")
        #expect(fields.integer("n") == -3)
        #expect(fields.bool("b") == true)
        #expect(fields.strings("l") == ["a", "b"])
        #expect(fields.string("absent") == nil)
        try fields.checkTypes()
        try fields.checkPresence()
    }

    @Test func nullMeansAbsent() throws {
        var fields = try fields(#"{"s":null,"r":null}"#)
        #expect(fields.string("s") == nil)
        #expect(fields.requiredString("r") == "")
        try fields.checkTypes()
        #expect(throws: BodyFault.missing(["r"])) { try fields.checkPresence() }
    }

    @Test func namesEveryFieldOfAnotherType() throws {
        var fields = try fields(#"{"s":1,"n":"1","b":0,"l":["a",1],"f":1.0,"r":[]}"#)
        _ = fields.string("s")
        _ = fields.integer("n")
        _ = fields.bool("b")
        _ = fields.strings("l")
        _ = fields.integer("f")
        _ = fields.requiredString("r")
        let expected = [
            "s": "must be a string", "n": "must be a whole number", "b": "must be true or false",
            "l": "must be a list of strings", "f": "must be a whole number", "r": "must be a string",
        ]
        #expect(throws: BodyFault.mistyped(expected)) { try fields.checkTypes() }
        // A field of the wrong type is not missing as well.
        try fields.checkPresence()
    }

    @Test(arguments: ["[]", "1", "null", "\"x\"", "true"])
    func refusesWhatIsNoObject(text: String) {
        #expect(throws: BodyFault.notAnObject) { try fields(text) }
    }

    @Test func createServerReadsWhatItWrites() throws {
        for name in ["my-app", nil] {
            let body = Wire.CreateServer(plan: "standard", region: "us-east-1", image: "debian-12", name: name)
            #expect(try Wire.CreateServer(reading: RequestFields(parsing: body.json())) == body)
        }
        #expect(throws: BodyFault.missing(["plan", "image"])) {
            try Wire.CreateServer(reading: fields(#"{"region":"us-east-1","name":"x"}"#))
        }
        #expect(throws: BodyFault.mistyped(["name": "must be a string"])) {
            try Wire.CreateServer(reading: fields(#"{"name":7}"#))
        }
    }

    @Test func addSSHKeyReadsWhatItWrites() throws {
        for name in ["laptop", nil] {
            let body = Wire.AddSSHKey(name: name, publicKey: "ssh-ed25519 AAAA")
            #expect(try Wire.AddSSHKey(reading: RequestFields(parsing: body.json())) == body)
        }
        #expect(throws: BodyFault.missing(["public_key"])) { try Wire.AddSSHKey(reading: fields("{}")) }
    }
}
