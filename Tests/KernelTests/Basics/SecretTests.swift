import Kernel
import Testing

@Suite struct SecretTests {
    struct Holder {
        let secret: Secret<String>
    }

    @Test func isNeverPrinted() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Holder(secret: secret), to: &dumped)
        for text in ["\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", dumped] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.exposed == "hunter2")
    }
}
