import ArgumentParser
import Cloud
import Foundation
import Web

/// How letters to customers go out.
extension Settings {
    static let letters: [any AnySetting] = [mail, sendmail, mailFrom, publicURL]

    static let mail = Setting(
        "mail", "outbox|sendmail",
        "Where letters to customers go: into files of the data directory, or to a mail system.",
        fallback: MailRoad.outbox.rawValue, parse: Parse.choice(MailRoad.allCases))

    static let sendmail = Setting(
        "sendmail", "FILE", "The program that takes letters with --mail sendmail, called -i -f FROM -- TO.",
        fallback: "/usr/sbin/sendmail"
    ) { text throws(BadValue) in
        guard text.hasPrefix("/") else {
            throw BadValue(rule: "must be the whole path of a program, without arguments")
        }
        return text
    }

    static let mailFrom = Setting(
        "mail-from", "ADDRESS", "Who letters are from; --seller-email unless given.", fallback: ""
    ) { text throws(BadValue) in
        if text.isEmpty { return nil as MailAddress? }
        guard let address = MailAddress(text) else {
            throw BadValue(rule: "must be an address such as billing@cloud.example")
        }
        return address
    }

    static let publicURL = Setting(
        "public-url", "URL",
        "Where customers reach the API and the pages, for links in letters; on loopback, where the daemon listens.",
        fallback: ""
    ) { text throws(BadValue) in
        if text.isEmpty { return nil as String? }
        let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 }
        guard isPlain, let url = URLComponents(string: text), url.scheme == "https" || url.scheme == "http",
            url.host?.isEmpty == false, url.user == nil, url.query == nil, url.fragment == nil
        else {
            throw BadValue(rule: "must be an http or https URL without a query, such as https://cloud.example")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

/// The ways of a letter.
enum MailRoad: String, CaseIterable, Sendable {
    case outbox
    case sendmail
}

/// The settings of letters.
struct MailFlags: ParsableArguments {
    @Option(Settings.mail) var mail: String?
    @Option(Settings.sendmail) var sendmail: String?
    @Option(Settings.mailFrom) var mailFrom: String?
    @Option(Settings.publicURL) var publicURL: String?

    var given: [(any AnySetting, String?)] {
        [
            (Settings.mail, mail), (Settings.sendmail, sendmail), (Settings.mailFrom, mailFrom),
            (Settings.publicURL, publicURL),
        ]
    }
}

/// How letters go out, fit to be used.
struct MailSettings: Sendable {
    let road: MailRoad
    /// Only looked at with `MailRoad.sendmail`.
    let sendmail: String
    let letterhead: Letterhead

    /// - Throws: `Complaint` where nobody says who letters are from, and a mail system would guess.
    init(_ configuration: Configuration) throws {
        road = try configuration[Settings.mail]
        sendmail = try configuration[Settings.sendmail]
        let publicURL = try configuration[Settings.publicURL] ?? Self.loopbackURL(configuration)
        let seller = try configuration[Settings.sellerEmail].flatMap(MailAddress.init)
        let sender = try configuration[Settings.mailFrom] ?? seller
        switch (road, sender ?? MailAddress("caiport@localhost")) {
        case (.outbox, let sender?):
            letterhead = Letterhead(sender: sender, publicURL: publicURL)
        case (.sendmail, let address?) where sender != nil:
            letterhead = Letterhead(sender: address, publicURL: publicURL)
        default: throw Complaint("--mail sendmail needs --mail-from: mail systems refuse letters from nobody")
        }
    }

    /// Who is on this host is led to where the daemon listens; elsewhere nobody can know the address.
    private static func loopbackURL(_ configuration: Configuration) throws -> String? {
        let address = try configuration[Settings.listen]
        let isPlain = try configuration[Settings.tlsCertificate] == nil
        return address.isLoopback && address.port != 0 ? "\(isPlain ? "http" : "https")://\(address)" : nil
    }
}
