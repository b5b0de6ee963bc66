import Cloud
import HTTPTypes
import Hummingbird
import HummingbirdCore

extension Exchange {
    /// The texts of those parameters behind the path that are among `Name`; others are ignored.
    ///
    /// - Throws: `Refusal.invalid` that names each parameter that comes twice or is wrongly encoded.
    func query<Name: RawRepresentable<String> & Hashable>(
        _ names: Name.Type
    ) throws(Refusal) -> [Name: String] {
        guard let query = RequestTarget.query(of: request.head.path ?? "") else { return [:] }
        var texts: [Name: String] = [:]
        var faults: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]).flatMap({ Name(rawValue: $0) }) else { continue }
            guard texts[name] == nil, faults[name.rawValue] == nil else {
                faults[name.rawValue] = "must not come twice"
                continue
            }
            if let text = Self.decode(parts.count > 1 ? parts[1] : "") {
                texts[name] = text
            } else {
                faults[name.rawValue] = "must be percent-encoded UTF-8"
            }
        }
        guard faults.isEmpty else {
            let parts = faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            throw Refusal(.invalid, "The query cannot be used: " + parts.joined(separator: "; "), fields: faults)
        }
        return texts
    }

    /// As forms are encoded, where `+` is a space.
    private static func decode(_ text: Substring) -> String? {
        PercentEncoding.decode(text.replacing("+", with: " ")[...]).map(String.init)
    }
}
