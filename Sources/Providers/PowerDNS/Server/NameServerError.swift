/// Why the name server cannot run: one sentence an operator can act on.
package struct NameServerError: Error, Sendable, CustomStringConvertible {
    package let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }

    package var description: String { sentence }
}
