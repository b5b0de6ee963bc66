import HTTPTypes

/// What a client would have.
enum AcceptHeader {
    /// True when `Accept` names `text/html` and does not rule it out with a weight of zero. A wildcard does not
    /// name it: programs send those.
    static func namesHTML(_ headers: HTTPFields) -> Bool {
        ranges(in: headers).contains { $0.type == "text/html" && $0.weight > 0 }
    }

    /// The form with the greatest weight, as RFC 9110 weighs them: the most exact of the ranges that cover a form says
    /// its weight. Among equals it is the one that is named most exactly, then the one named first, then the first of
    /// all forms. Nil when `Accept` covers none.
    static func preferred<Form: RawRepresentable<String> & CaseIterable>(
        of forms: Form.Type, _ headers: HTTPFields
    ) -> Form? {
        let ranges = ranges(in: headers)
        var best: (form: Form, rank: (weight: Int, exactness: Int, place: Int))?
        for form in forms.allCases {
            let covering = ranges.enumerated().compactMap { place, range in
                exactness(of: range.type, for: form.rawValue).map {
                    (weight: range.weight, exactness: $0, place: -place)
                }
            }
            guard let rank = covering.max(by: { ($0.exactness, $0.place) < ($1.exactness, $1.place) }), rank.weight > 0,
                best.map({ $0.rank < rank }) ?? true
            else { continue }
            best = (form, rank)
        }
        return best?.form
    }

    /// How exactly the range names the type: 2 itself, 1 as `text/*`, 0 as `*/*`; nil when it does not cover it.
    private static func exactness(of range: String, for type: String) -> Int? {
        if range == type { return 2 }
        if range == "*/*" { return 0 }
        return range.hasSuffix("/*") && type.hasPrefix(range.dropLast()) ? 1 : nil
    }

    /// Each media range with its weight in thousandths, as RFC 9110 has them.
    private static func ranges(in headers: HTTPFields) -> [(type: String, weight: Int)] {
        guard let accept = headers[.accept]?.lowercased() else { return [] }
        return accept.split(separator: ",").map { range in
            let parts = range.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { thousandths($0.dropFirst(2)) }
            return (String(parts[0]), weight ?? 1000)
        }
    }

    /// Of `0.85`; what is no weight counts as the greatest.
    private static func thousandths(_ text: Substring) -> Int {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count > 1 ? parts[1] : ""
        guard parts[0] == "0" || parts[0] == "", decimals.utf8.count <= 3,
            let value = Int(decimals + String(repeating: "0", count: 3 - decimals.utf8.count))
        else { return 1000 }
        return value
    }

    /// Without the spaces around it.
    static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
