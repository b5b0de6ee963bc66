import Web

extension Parse {
    /// `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`.
    @Sendable static func listenAddress(_ text: String) throws(BadValue) -> ListenAddress {
        let fault = BadValue(rule: "must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
        guard let colon = text.lastIndex(of: ":") else { throw fault }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        let isNumber = (1...5).contains(digits.utf8.count) && digits.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        guard isNumber, let port = Int(digits), port <= 65_535 else { throw fault }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw fault
        }
        let isName = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
        guard !host.isEmpty, isName else { throw fault }
        return ListenAddress(host: String(host), port: port)
    }

    @Sendable static func optionalListenAddress(_ text: String) throws(BadValue) -> ListenAddress? {
        text.isEmpty ? nil : try listenAddress(text)
    }
}
