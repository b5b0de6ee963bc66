import ArgumentParser
import Cloud
import Foundation
import Kernel
import Providers

/// Who answers for customers' domains.
extension Settings {
    static let names: [any AnySetting] = [
        dns, dnsListen, dnsAPI, dnsAPIKeyFile, nameServers, dnsSecondaries, domainPrices,
    ]

    static let dns = Setting(
        "dns", "none|powerdns", "What answers for customers' domains; without it there are none.",
        fallback: { ($0.isDemo ? DNSEngine.powerdns : .none).rawValue }, parse: Parse.choice(DNSEngine.allCases))

    static let dnsListen = Setting(
        "dns-listen", "IP:PORT,…", "Where the name server answers, by UDP and TCP; for the world 0.0.0.0:53,[::]:53.",
        fallback: "127.0.0.1:5300"
    ) { text throws(BadValue) in
        let addresses = try addresses(
            text, "must be IP:PORT, such as 127.0.0.1:5300 or [::1]:5300, or several with commas")
        guard !addresses.isEmpty else { throw BadValue(rule: "must not be empty") }
        return addresses
    }

    static let dnsAPI = Setting(
        "dns-api", "URL", "The API of a PowerDNS that runs already, to use instead of one of our own.", fallback: ""
    ) { text throws(BadValue) in
        if text.isEmpty { return nil as String? }
        let url = URLComponents(string: text)
        guard let url, url.scheme == "http" || url.scheme == "https", url.host?.isEmpty == false, url.user == nil,
            ["", "/"].contains(url.path), url.query == nil, url.fragment == nil,
            text.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else {
            throw BadValue(rule: "must be an http or https URL without a path, such as http://127.0.0.1:8081")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    static let dnsAPIKeyFile = Setting(
        "dns-api-key-file", "FILE", "A file that holds what PowerDNS's setting api-key says.", fallback: "",
        parse: Parse.optionalText)

    static let nameServers = Setting(
        "nameservers", "NAME,…", "The names of your name servers, which domains are delegated to.",
        fallback: "ns1.caiport.test,ns2.caiport.test"
    ) { text throws(BadValue) in
        let names = list(text).map { name in (name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased() }
        guard (1...13).contains(names.count), Set(names).count == names.count, names.allSatisfy(isHostName) else {
            throw BadValue(rule: "must be 1 to 13 host names with commas, such as ns1.cloud.example,ns2.cloud.example")
        }
        return names
    }

    static let dnsSecondaries = Setting(
        "dns-secondaries", "IP[:PORT],…", "Name servers that follow ours by its catalog zone.", fallback: ""
    ) { text throws(BadValue) in
        try addresses(text, "must be addresses such as 192.0.2.53 or [2001:db8::53]:5300, with commas")
    }

    static func list(_ text: String) -> [String] {
        text.isEmpty
            ? []
            : text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
    }

    private static func addresses(_ text: String, _ rule: String) throws(BadValue) -> [DNSAddress] {
        var addresses: [DNSAddress] = []
        for part in list(text) {
            guard let address = DNSAddress(part) else { throw BadValue(rule: rule) }
            addresses.append(address)
        }
        return addresses
    }

    /// At least two labels of letters, digits and inner hyphens.
    static func isHostName(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && name.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy { byte in
                        byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    }
            }
    }
}

/// What answers for domains.
enum DNSEngine: String, CaseIterable, Sendable {
    case none
    case powerdns
}

/// The settings of the name service.
struct DNSFlags: ParsableArguments {
    @Option(Settings.dns) var dns: String?
    @Option(Settings.dnsListen) var dnsListen: String?
    @Option(Settings.dnsAPI) var dnsAPI: String?
    @Option(Settings.dnsAPIKeyFile) var dnsAPIKeyFile: String?
    @Option(Settings.nameServers) var nameServers: String?
    @Option(Settings.dnsSecondaries) var dnsSecondaries: String?
    @Option(Settings.domainPrices) var domainPrices: String?

    var given: [(any AnySetting, String?)] {
        [
            (Settings.dns, dns), (Settings.dnsListen, dnsListen), (Settings.dnsAPI, dnsAPI),
            (Settings.dnsAPIKeyFile, dnsAPIKeyFile), (Settings.nameServers, nameServers),
            (Settings.dnsSecondaries, dnsSecondaries), (Settings.domainPrices, domainPrices),
        ]
    }
}

/// Who answers for domains, fit to be used.
struct DNSSettings: Sendable {
    enum Engine: Sendable {
        /// A PowerDNS of our own.
        case child(listen: [DNSAddress])
        /// One that runs already.
        case external(url: String, key: Secret<String>)
    }

    /// Nil where nobody answers, and there are no domains.
    let engine: Engine?
    /// Without trailing dots, at least one.
    let nameServers: [String]
    let secondaries: [DNSAddress]
    /// What names are sold below, and for how much.
    let offers: [TopLevelDomain]

    /// - Throws: `Complaint` for settings that do not go together, and for a key file that cannot be used.
    init(_ configuration: Configuration) throws {
        nameServers = try configuration[Settings.nameServers]
        secondaries = try configuration[Settings.dnsSecondaries]
        offers = try configuration[Settings.domainPrices]
        let url = try configuration[Settings.dnsAPI]
        let file = try configuration[Settings.dnsAPIKeyFile]
        switch (try configuration[Settings.dns], url, file) {
        case (.none, nil, nil): engine = nil
        case (.none, _, _): throw Complaint("--dns-api and --dns-api-key-file need --dns powerdns")
        case (.powerdns, nil, nil): engine = .child(listen: try configuration[Settings.dnsListen])
        case (.powerdns, let url?, let file?): engine = .external(url: url, key: try Self.key(inFile: file))
        case (.powerdns, _?, nil): throw Complaint("--dns-api needs --dns-api-key-file")
        case (.powerdns, nil, _?): throw Complaint("--dns-api-key-file needs --dns-api")
        }
    }

    private static func key(inFile path: String) throws -> Secret<String> {
        let bytes = try readFile(path, atMost: 4096, calledThe: "DNS API key file")
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw Complaint("The DNS API key file \(path) must hold one word, PowerDNS's api-key")
        }
        return Secret(text)
    }
}
