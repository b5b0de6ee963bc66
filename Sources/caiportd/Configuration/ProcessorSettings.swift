import ArgumentParser
import Foundation
import Kernel
import Providers

/// Who charges cards. The secrets have no flags: every process of the host can read another's.
extension Settings {
    static let processor: [any AnySetting] = [
        stripeKey, stripeKeyFile, stripeWebhookSecret, stripeWebhookSecretFile, stripeURL,
    ]

    static let stripeKey = Setting(
        "stripe-key", "KEY", "The secret key of your account with Stripe; with it, cards are charged.", isSecret: true,
        fallback: "", parse: secret)

    static let stripeKeyFile = Setting(
        "stripe-key-file", "FILE", "A file that holds the secret key of your account with Stripe.", fallback: "",
        parse: Parse.optionalText)

    static let stripeWebhookSecret = Setting(
        "stripe-webhook-secret", "SECRET", "What Stripe signs its posts to /webhooks/stripe with.", isSecret: true,
        fallback: "", parse: secret)

    static let stripeWebhookSecretFile = Setting(
        "stripe-webhook-secret-file", "FILE", "A file that holds what Stripe signs its posts with.", fallback: "",
        parse: Parse.optionalText)

    static let stripeURL = Setting(
        "stripe-url", "URL", "Where Stripe is; another one is for tests.", fallback: StripeSettings.publicURL
    ) { text throws(BadValue) in
        let url = URLComponents(string: text)
        let isLoopback = url?.scheme == "http" && ["127.0.0.1", "localhost"].contains(url?.host)
        guard url?.scheme == "https" && url?.host?.isEmpty == false || isLoopback, url?.user == nil,
            text.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else {
            throw BadValue(rule: "must be an https URL, or an http URL of this host's")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// Letters, digits and underscores: what Stripe's secrets are made of, and what fits in a header.
    @Sendable private static func secret(_ text: String) throws(BadValue) -> Secret<String>? {
        if text.isEmpty { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || Unicode.Scalar(byte).isASCII && Character(Unicode.Scalar(byte)).isLetter
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard isPlain, text.utf8.count <= 512 else { throw BadValue(rule: "must be a secret as Stripe shows it") }
        return Secret(text)
    }

    static func secret(inFile path: String, calledThe name: String) throws -> Secret<String> {
        let bytes = try readSecretFile(path, atMost: 4096, calledThe: name)
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        do throws(BadValue) {
            guard let secret = try secret(text) else { throw BadValue(rule: "must not be empty") }
            return secret
        } catch {
            throw Complaint("The \(name) \(path) \(error.rule)")
        }
    }
}

/// The settings of the payment processor.
struct ProcessorFlags: ParsableArguments {
    @Option(Settings.stripeKeyFile) var stripeKeyFile: String?
    @Option(Settings.stripeWebhookSecretFile) var stripeWebhookSecretFile: String?
    @Option(Settings.stripeURL) var stripeURL: String?

    var given: [(any AnySetting, String?)] {
        [
            (Settings.stripeKeyFile, stripeKeyFile), (Settings.stripeWebhookSecretFile, stripeWebhookSecretFile),
            (Settings.stripeURL, stripeURL),
        ]
    }
}

extension Configuration {
    /// How Stripe is reached; nil where nobody charges cards.
    /// - Throws: `Complaint` for one secret without the other, and for a file that cannot be used.
    func stripe() throws -> StripeSettings? {
        let key = try secret(Settings.stripeKey, Settings.stripeKeyFile, calledThe: "Stripe key file")
        let webhookSecret = try secret(
            Settings.stripeWebhookSecret, Settings.stripeWebhookSecretFile, calledThe: "Stripe webhook secret file")
        switch (key, webhookSecret) {
        case (nil, nil): return nil
        case (let key?, let webhookSecret?):
            return StripeSettings(key: key, webhookSecret: webhookSecret, url: try self[Settings.stripeURL])
        case (_?, nil): throw Complaint("A Stripe key needs --stripe-webhook-secret-file")
        case (nil, _?): throw Complaint("A Stripe webhook secret needs --stripe-key-file")
        }
    }

    private func secret(
        _ plain: Setting<Secret<String>?>, _ file: Setting<String?>, calledThe name: String
    ) throws -> Secret<String>? {
        let given = try self[plain]
        guard let path = try self[file] else { return given }
        if let given {
            guard rank(of: plain) != rank(of: file) else {
                throw Complaint("Give either \(plain.variable) or --\(file.name), not both")
            }
            if rank(of: plain) < rank(of: file) { return given }
        }
        return try Settings.secret(inFile: path, calledThe: name)
    }
}
