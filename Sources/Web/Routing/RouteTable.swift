import HTTPTypes

/// Finds the route of a request: a tree of path segments, built once.
///
/// HEAD is answered wherever GET is, a slash at the end changes nothing, and a known path with another method
/// is told from an unknown path.
package struct RouteTable: Sendable {
    package let routes: [Route]
    /// Whether there is anything under `/v1`, where a key comes before everything else.
    let hasAPI: Bool
    /// Whether there are pages for people.
    let hasPages: Bool
    private let root: Node

    enum Match: Sendable {
        /// The place in `routes`, and what stood for each `{…}`.
        case route(Int, parameters: [String])
        /// The path exists; `allow` lists its methods, and `isOpen` says that none of them needs a key.
        case otherMethod(allow: String, isOpen: Bool)
        case unknown
    }

    private final class Node: Sendable {
        let literals: [(name: String, node: Node)]
        let parameter: Node?
        /// The methods of the path that ends here, each with its place in `routes`.
        let methods: [(method: HTTPRequest.Method, route: Int)]
        let allow: String
        let isOpen: Bool

        init(_ entries: [(segments: ArraySlice<Substring>, route: Int)], of routes: [Route]) {
            let ending = entries.filter { $0.segments.isEmpty }.map { (routes[$0.route].method, $0.route) }
            methods = ending
            allow = Self.allow(ending.map(\.0))
            isOpen = ending.allSatisfy { !routes[$0.1].needsKey }
            var literals: [(name: String, node: Node)] = []
            var parameter: Node?
            let passing = entries.filter { !$0.segments.isEmpty }
            for (name, entries) in Dictionary(grouping: passing, by: { $0.segments.first ?? "" }) {
                let node = Node(entries.map { ($0.segments.dropFirst(), $0.route) }, of: routes)
                if name.hasPrefix("{") { parameter = node } else { literals.append((String(name), node)) }
            }
            self.literals = literals.sorted { $0.name < $1.name }
            self.parameter = parameter
        }

        private static func allow(_ methods: [HTTPRequest.Method]) -> String {
            var names = Set(methods.map(\.rawValue))
            if names.contains("GET") { names.insert("HEAD") }
            return names.sorted().joined(separator: ", ")
        }
    }

    /// All names of one place's `{…}` must be alike: the table does not look at them.
    package init(_ routes: [Route]) {
        self.routes = routes
        hasAPI = routes.contains { $0.pattern.hasPrefix("/v1/") }
        hasPages = routes.contains(where: \.isPage)
        root = Node(
            routes.enumerated().map { ($0.element.pattern.split(separator: "/")[...], $0.offset) }, of: routes)
    }

    func match(_ method: HTTPRequest.Method, path: Substring) -> Match {
        var node = root
        var parameters: [String] = []
        for segment in PathSegments(path) {
            guard !segment.isEmpty else { return .unknown }
            let decoded = PercentEncoding.decode(segment)
            if let decoded, let literal = node.literals.first(where: { $0.name == decoded }) {
                node = literal.node
            } else if let parameter = node.parameter {
                node = parameter
                // What cannot be decoded names nothing, like any other unknown name.
                parameters.append(String(decoded ?? segment))
            } else {
                return .unknown
            }
        }
        guard !node.methods.isEmpty else { return .unknown }
        let wanted = method == .head ? .get : method
        guard let found = node.methods.first(where: { $0.method == wanted }) else {
            return .otherMethod(allow: node.allow, isOpen: node.isOpen)
        }
        return .route(found.route, parameters: parameters)
    }
}

/// The segments of a path, without the empty one behind a slash at the end.
struct PathSegments: Sequence, IteratorProtocol {
    private var rest: Substring?

    /// - Parameter path: begins with a slash; one that does not has a first segment all the same.
    init(_ path: Substring) {
        var path = path
        if path.utf8.first == UInt8(ascii: "/") { path = path[path.utf8.index(after: path.startIndex)...] }
        if path.utf8.last == UInt8(ascii: "/") { path = path[..<path.utf8.index(before: path.endIndex)] }
        rest = path.isEmpty ? nil : path
    }

    mutating func next() -> Substring? {
        guard let path = rest else { return nil }
        guard let slash = path.utf8.firstIndex(of: UInt8(ascii: "/")) else {
            rest = nil
            return path
        }
        rest = path[path.utf8.index(after: slash)...]
        return path[..<slash]
    }
}

enum PercentEncoding {
    /// The text with every `%XX` replaced; nil when one is incomplete or the result is not UTF-8.
    static func decode(_ text: Substring) -> Substring? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self).map { $0[...] }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}

/// The parts of a request's target that routing looks at.
struct RequestTarget {
    let path: Substring
    /// Whether the path is the API's, where every answer is JSON and a key comes first.
    let isAPI: Bool

    /// What stands behind the question mark; nil when there is none.
    static func query(of target: String) -> Substring? {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let behind = target[target.utf8.index(after: mark)...]
        return behind.utf8.firstIndex(of: UInt8(ascii: "#")).map { behind[..<$0] } ?? behind
    }

    init(_ target: String) {
        var rest = target[...]
        // The absolute form, which proxies use: http://host/path.
        if rest.utf8.first != UInt8(ascii: "/"), let scheme = rest.firstRange(of: "://") {
            let authority = rest[scheme.upperBound...]
            rest = authority.firstIndex(of: "/").map { authority[$0...] } ?? "/"
        }
        path = rest.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }.map { rest[..<$0] } ?? rest
        var segments = PathSegments(path)
        isAPI = segments.next().flatMap(PercentEncoding.decode) == "v1"
    }
}
