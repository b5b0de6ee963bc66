import ArgumentParser
import Foundation

/// The settings that say where the data is; every command has them.
struct DataFlags: ParsableArguments {
    @Option(Settings.config) var config: String?
    @Option(Settings.dataDirectory) var dataDirectory: String?
    @Option(Settings.database) var database: String?
    @Option(Settings.databaseFile) var databaseFile: String?

    var given: [(any AnySetting, String?)] {
        [
            (Settings.config, config), (Settings.dataDirectory, dataDirectory), (Settings.database, database),
            (Settings.databaseFile, databaseFile),
        ]
    }

    func configuration() throws -> Configuration {
        try Configuration(flags: given, environment: ProcessInfo.processInfo.environment)
    }
}

/// All settings.
struct SettingFlags: ParsableArguments {
    @OptionGroup var data: DataFlags
    @Option(Settings.listen) var listen: String?
    @Option(Settings.metricsListen) var metricsListen: String?
    @Option(Settings.tlsCertificate) var tlsCertificate: String?
    @Option(Settings.tlsKey) var tlsKey: String?
    @Flag(Settings.behindProxy) var behindProxy: Bool?
    @Option(Settings.rateLimits) var rateLimits: String?
    @Option(Settings.compute) var compute: String?
    @Option(Settings.simulatedBootMilliseconds) var simulatedBootMilliseconds: String?
    @Option(Settings.addressRange) var addressRange: String?
    @Option(Settings.imageCache) var imageCache: String?
    @Option(Settings.guestLAN) var guestLAN: String?
    @Option(Settings.workers) var workers: String?
    @Option(Settings.sweep) var sweep: String?
    @Option(Settings.drainGraceMilliseconds) var drainGraceMilliseconds: String?
    @Option(Settings.logLevel) var logLevel: String?
    @Option(Settings.logFormat) var logFormat: String?
    @Flag(Settings.demo) var demo: Bool?
    @OptionGroup var billing: BillingFlags
    @OptionGroup var processor: ProcessorFlags
    @OptionGroup var letters: MailFlags
    @OptionGroup var names: DNSFlags

    private var given: [(any AnySetting, String?)] {
        data.given + [
            (Settings.listen, listen), (Settings.metricsListen, metricsListen),
            (Settings.tlsCertificate, tlsCertificate), (Settings.tlsKey, tlsKey),
            (Settings.behindProxy, behindProxy.map(Self.onOff)), (Settings.rateLimits, rateLimits),
            (Settings.compute, compute), (Settings.simulatedBootMilliseconds, simulatedBootMilliseconds),
            (Settings.addressRange, addressRange), (Settings.imageCache, imageCache), (Settings.guestLAN, guestLAN),
            (Settings.workers, workers), (Settings.sweep, sweep),
            (Settings.drainGraceMilliseconds, drainGraceMilliseconds), (Settings.logLevel, logLevel),
            (Settings.logFormat, logFormat),
            (Settings.demo, demo.map(Self.onOff)),
        ] + billing.given + processor.given + letters.given + names.given
    }

    func configuration() throws -> Configuration {
        try Configuration(flags: given, environment: ProcessInfo.processInfo.environment)
    }

    private static func onOff(_ flag: Bool) -> String { flag ? "on" : "off" }
}

extension Option where Value == String? {
    /// A flag made of a setting.
    init(_ setting: some AnySetting) {
        self.init(
            name: .customLong(setting.name), help: ArgumentHelp(setting.helpLine, valueName: setting.placeholder))
    }
}

extension Flag where Value == Bool? {
    /// A switch made of a setting, with its `--no-` twin, which overrules the file and the environment.
    init(_ setting: some AnySetting) {
        self.init(name: .customLong(setting.name), inversion: .prefixedNo, help: ArgumentHelp(setting.helpLine))
    }
}

extension AnySetting {
    fileprivate var helpLine: String {
        let surroundings = Surroundings(
            isRoot: geteuid() == 0, environment: ProcessInfo.processInfo.environment, isDemo: false)
        let fallback = fallback(surroundings)
        return fallback.isEmpty ? help : "\(help) (default: \(fallback))"
    }
}
