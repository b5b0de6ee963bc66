/// What is wrong with one part of a record, in words for its sender.
struct RecordFault: Error, Hashable {
    /// The part, as the API calls it.
    enum Part: String {
        case name
        case type
        case value
        case ttl
        case priority
    }

    let part: Part
    let sentence: String

    init(_ part: Part, _ sentence: String) {
        self.part = part
        self.sentence = sentence
    }
}
