import HTTPTypes

/// Whether a client would have a page rather than JSON.
enum AcceptHeader {
    /// True when `Accept` names `text/html` and does not rule it out with a weight of zero. A wildcard does not
    /// name it: programs send those.
    static func namesHTML(_ headers: HTTPFields) -> Bool {
        guard let accept = headers[.accept]?.lowercased() else { return false }
        return accept.split(separator: ",").contains { range in
            let parts = range.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
            return parts[0] == "text/html" && !parts.dropFirst().contains(where: isZeroWeight)
        }
    }

    /// `q=0`, `q=0.0` and so on.
    private static func isZeroWeight(_ parameter: Substring) -> Bool {
        guard parameter.hasPrefix("q=") else { return false }
        return Double(parameter.dropFirst(2)) == 0
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
