/// How many entries of a list come at once.
package enum PageLimit {
    package static let most = 200
    static let rule = "must be a whole number from 1 to \(most)"

    /// Nil for what `rule` does not admit.
    static func read(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text).flatMap { (1...most).contains($0) ? $0 : nil }
    }
}
