import HTTPTypes

/// What a client would have.
enum AcceptHeader {
    /// True when `Accept` names `text/html` and does not rule it out with a weight of zero. A wildcard does not
    /// name it: programs send those.
    static func namesHTML(_ headers: HTTPFields) -> Bool {
        ranges(in: headers).contains { $0.type == "text/html" && $0.weight > 0 }
    }

    /// The form with the greatest weight among those that `Accept` names, the one named first among equals; nil when
    /// it names none. A wildcard names none.
    static func preferred<Form: RawRepresentable<String>>(of forms: Form.Type, _ headers: HTTPFields) -> Form? {
        var best: (form: Form, weight: Int)?
        for range in ranges(in: headers) {
            guard range.weight > best?.weight ?? 0, let form = Form(rawValue: range.type) else { continue }
            best = (form, range.weight)
        }
        return best?.form
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

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
