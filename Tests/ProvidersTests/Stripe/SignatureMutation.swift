import Fakes
import Kernel
import Providers

/// Headers as Stripe sends them, and as nobody should.
struct SignatureMutation {
    private var randomness: SeededRandomness

    static let secret = "whsec_0123456789abcdef"
    private static let now: Int64 = 1_792_000_000

    init(seed: UInt64) {
        randomness = SeededRandomness(seed: seed)
    }

    private func pick(_ range: Range<Int>) -> Int {
        let bytes = randomness.bytes(4)
        let number = bytes.reduce(0) { $0 << 8 | Int($1) }
        return range.lowerBound + number % range.count
    }

    private func one<Element>(of choices: [Element]) -> Element { choices[pick(0..<choices.count)] }

    private func code(_ timestamp: Int64, _ body: String) -> String {
        let header = StripeSignature(secret: Secret(Self.secret))
            .header(for: Array(body.utf8), at: Instant(seconds: timestamp))
        return String(header.split(separator: "=").last ?? "")
    }

    mutating func next() -> (header: String, body: String, now: Int64) {
        let body = one(of: [#"{"id":"evt_1"}"#, "", "{}", #"{"name":"Zoë 😀"}"#, " {\n}\n"])
        let timestamp = Self.now + Int64(one(of: [0, -1, -299, -300, -301, -100_000, 10, 299, 400, 100_000]))
        let valid = code(timestamp, body)
        let number = "\(timestamp)"
        let grouped = number.prefix(4) + "_" + number.dropFirst(4)
        let times = [
            number, number, number, number, "0\(number)", "+\(number)", " \(number) ", "\t\(number)", "\(grouped)",
            "_\(number)", "\(number)_", "\(number).0", "", "x", "-5", "1__0", "\(number)=9", "99999999999999999999",
        ]
        let codes = [
            valid, valid, valid, valid, valid.uppercased(), String(valid.dropLast()), valid + "0", "", "00",
            " \(valid)", code(timestamp + 1, body), code(timestamp, body + " "), "\(valid)=", "\(valid)=x", "=\(valid)",
        ]
        var parts = ["t=\(one(of: times))", "v1=\(one(of: codes))"]
        switch pick(0..<12) {
        case 0: parts.append("v1=\(one(of: codes))")
        case 1: parts.insert("v1=\(one(of: codes))", at: 0)
        case 2: parts.append("v0=\(valid)")
        case 3: parts.append("t=\(one(of: times))")
        case 4: parts.insert("t=\(one(of: times))", at: 0)
        case 5: parts.append(one(of: ["", "t", "v1", "=", "v2=1", "V1=\(valid)", "T=\(number)"]))
        case 6: parts.reverse()
        case 7: parts.remove(at: pick(0..<2))
        default: break
        }
        var header = parts.joined(separator: one(of: [",", ",", ",", ",", ",", ", ", ";", ",,"]))
        if pick(0..<4) == 0 { header = edited(header) }
        return (header, body, Self.now)
    }

    /// One character of it is another, left out or doubled.
    private func edited(_ header: String) -> String {
        var bytes = Array(header.utf8)
        guard !bytes.isEmpty else { return header }
        let place = pick(0..<bytes.count)
        switch pick(0..<3) {
        case 0: bytes[place] = UInt8(pick(32..<127))
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[place], at: place)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
