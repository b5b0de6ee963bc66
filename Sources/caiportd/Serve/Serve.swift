import ArgumentParser
import Kernel
import Logging

/// Runs the cloud until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the cloud.",
        discussion: """
            Every setting may also stand in an environment variable (--data-dir in CAIPORT_DATA_DIR) or in a JSON \
            file named by --config. A flag goes before the environment, and that before the file. \
            `caiportd config` shows what holds.
            """)

    @OptionGroup var flags: SettingFlags

    func run() async throws {
        let configuration = try flags.configuration()
        let settings = try ServeSettings(configuration)
        let time = SystemTime()
        let stream = LogStream(format: settings.logFormat, level: settings.logLevel, time: time)
        LoggingSystem.bootstrap { _ in stream }
        let logger = Logger(label: "caiportd")
        for name in configuration.unknownVariables {
            logger.warning("this environment variable looks like a setting and is none", metadata: ["name": "\(name)"])
        }
        let daemon = Daemon(settings: settings, time: time, randomness: SystemRandomness(), logger: logger)
        try await daemon.run()
    }
}
