import Cloud
import Logging
import Providers
import Web

/// What `caiportd serve` is told, in the types that are used, and fit to be served with.
struct ServeSettings: Sendable {
    let directory: DataDirectory
    let database: DatabaseAddress?
    let listen: ListenAddress
    let metricsListen: ListenAddress?
    let tls: TLSFiles?
    let behindProxy: Bool
    let rateLimits: Bool
    let compute: Compute
    let simulatedBoot: Duration
    let addressRange: LoopbackRange
    let imageCache: String
    let guestLAN: GuestLAN
    let workers: Int
    let sweep: Sweeper.Manner
    let drainGrace: Duration
    let logLevel: Logger.Level
    let logFormat: LogFormat
    let isDemo: Bool
    let terms: BillingTerms
    let mail: MailSettings
    let stripe: StripeSettings?
    let dns: DNSSettings

    /// - Throws: `Complaint` for settings that do not go together.
    init(_ configuration: Configuration) throws {
        directory = DataDirectory(try configuration[Settings.dataDirectory])
        database = try configuration.databaseAddress()
        listen = try configuration[Settings.listen]
        metricsListen = try configuration[Settings.metricsListen]
        tls = try Self.tls(configuration[Settings.tlsCertificate], configuration[Settings.tlsKey])
        behindProxy = try configuration[Settings.behindProxy]
        rateLimits = try configuration[Settings.rateLimits]
        compute = try configuration[Settings.compute]
        simulatedBoot = .milliseconds(try configuration[Settings.simulatedBootMilliseconds])
        addressRange = try configuration[Settings.addressRange]
        imageCache = try configuration[Settings.imageCache]
        guestLAN = try configuration[Settings.guestLAN]
        workers = try configuration[Settings.workers]
        sweep = try configuration[Settings.sweep]
        drainGrace = .milliseconds(try configuration[Settings.drainGraceMilliseconds])
        logLevel = try configuration[Settings.logLevel]
        logFormat = try configuration[Settings.logFormat]
        isDemo = try configuration[Settings.demo]
        terms = try configuration.billingTerms()
        mail = try MailSettings(configuration)
        stripe = try configuration.stripe()
        dns = try DNSSettings(configuration)
        try requireSafety()
    }

    private static func tls(_ certificate: String?, _ key: String?) throws(Complaint) -> TLSFiles? {
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return TLSFiles(certificate: certificate, key: key)
        case (_?, nil): throw Complaint("--tls-certificate needs --tls-key")
        case (nil, _?): throw Complaint("--tls-key needs --tls-certificate")
        }
    }

    private func requireSafety() throws(Complaint) {
        if isDemo && !listen.isLoopback {
            throw Complaint(
                "--demo makes an account whose key lies on this host, so it is refused on \(listen): listen on "
                    + "127.0.0.1")
        }
        if isDemo && tls != nil { throw Complaint("--demo speaks plain HTTP on loopback: leave out the TLS files") }
        guard listen.isLoopback || tls != nil || behindProxy else {
            throw Complaint(
                "API keys would cross the network in the clear on \(listen): listen on 127.0.0.1, give "
                    + "--tls-certificate and --tls-key, or say --behind-proxy")
        }
    }

    var web: WebSettings {
        WebSettings(
            address: listen, operatorAddress: metricsListen, tls: tls, behindProxy: behindProxy,
            rateLimits: RateLimits(enforced: rateLimits), drainGrace: drainGrace)
    }

    /// What the listener's address is written before in a browser.
    var scheme: String { tls == nil ? "http" : "https" }
}
