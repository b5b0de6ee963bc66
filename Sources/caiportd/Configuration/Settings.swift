import Cloud
import Logging
import Providers

/// Every setting there is. Flags, environment variables, keys of the configuration file and what
/// `caiportd config` prints are made of this table.
enum Settings {
    static let all: [any AnySetting] =
        [
            config, dataDirectory, database, databaseFile, listen, metricsListen, tlsCertificate, tlsKey, behindProxy,
            rateLimits, compute, simulatedBootMilliseconds, addressRange, imageCache, guestLAN, workers, sweep,
            drainGraceMilliseconds,
            logLevel, logFormat, demo,
        ] + billing + processor + letters + names

    static let config = Setting(
        "config", "FILE", "A JSON file of settings, such as {\"listen\": \"127.0.0.1:9000\"}.", fallback: "",
        parse: Parse.optionalText)

    static let dataDirectory = Setting(
        "data-dir", "DIR", "Where this installation keeps its data; made if missing.",
        fallback: { $0.isRoot ? "/var/lib/caiport" : $0.ownFolder("XDG_DATA_HOME", orHome: ".local/share") },
        parse: Parse.text)

    static let database = Setting(
        "database", "URL", "A PostgreSQL database to use instead of a file in the data directory.", isSecret: true,
        fallback: "", parse: DatabaseAddress.parse)

    static let databaseFile = Setting(
        "database-file", "FILE", "A file that holds the database's URL, which keeps its password off the process list.",
        fallback: "", parse: Parse.optionalText)

    static let listen = Setting(
        "listen", "HOST:PORT", "Where to serve the API; port 0 picks a free one.", fallback: "127.0.0.1:8080",
        parse: Parse.listenAddress)

    static let metricsListen = Setting(
        "metrics-listen", "HOST:PORT", "Where to serve the operator's metrics and health; off unless given.",
        fallback: "", parse: Parse.optionalListenAddress)

    static let tlsCertificate = Setting(
        "tls-certificate", "FILE", "The certificate and its chain in PEM; serves HTTPS.", fallback: "",
        parse: Parse.optionalText)

    static let tlsKey = Setting(
        "tls-key", "FILE", "The certificate's private key in PEM.", fallback: "", parse: Parse.optionalText)

    static let behindProxy = Setting(
        "behind-proxy", "on|off",
        "A proxy of yours is the only one who can connect: plain HTTP off loopback, clients by X-Forwarded-For.",
        form: .onOff, fallback: "off", parse: Parse.onOff)

    static let rateLimits = Setting(
        "rate-limits", "on|off", "Whether requests beyond the rate limits are refused.", form: .onOff, fallback: "on",
        parse: Parse.onOff)

    static let compute = Setting(
        "compute", "qemu|simulated", "What makes the machines.", fallback: Compute.qemu.rawValue,
        parse: Parse.choice(Compute.allCases))

    static let simulatedBootMilliseconds = Setting(
        "simulated-boot-ms", "N", "How long a simulated machine takes to boot, in milliseconds.", form: .number,
        fallback: "2000", parse: Parse.number(in: 0...3_600_000))

    static let addressRange = Setting(
        "address-range", "CIDR", "The loopback addresses that machines on this host get.", fallback: "127.10.0.0/16"
    ) { text throws(BadValue) in
        guard let range = LoopbackRange(text) else {
            throw BadValue(rule: "must be a block of /8 to /28 within 127.0.0.0/8, such as 127.10.0.0/16")
        }
        return range
    }

    static let imageCache = Setting(
        "image-cache", "DIR", "Where base images are kept; installations may share it.",
        fallback: { _ in ImageStore.defaultCache },
        parse: Parse.text)

    static let guestLAN = Setting(
        "guest-lan", "allow|deny", "Whether machines may reach private networks (RFC 1918).",
        fallback: GuestLAN.deny.rawValue, parse: Parse.choice([GuestLAN.allow, .deny]))

    static let workers = Setting(
        "workers", "N", "How many steps of work are done at a time.", form: .number, fallback: "32",
        parse: Parse.number(in: 1...1024))

    static let sweep = Setting(
        "sweep", "end|report",
        "What is done where machines and database disagree: bring back and end, or only report.",
        fallback: Sweeper.Manner.end.rawValue, parse: Parse.choice(Sweeper.Manner.allCases))

    static let drainGraceMilliseconds = Setting(
        "drain-grace-ms", "MILLISECONDS",
        "How long a stopping daemon lets open connections ask once more before it closes them.", form: .number,
        fallback: "3000", parse: Parse.number(in: 0...20_000))

    static let logLevel = Setting(
        "log-level", "LEVEL",
        "The least urgent level that is logged: trace, debug, info, notice, warning, error, critical.",
        fallback: { $0.isDemo ? "warning" : "info" }, parse: Parse.choice(Logger.Level.allCases))

    static let logFormat = Setting(
        "log-format", "text|json", "How lines of the log are written to the standard error.",
        fallback: LogFormat.text.rawValue, parse: Parse.choice(LogFormat.allCases))

    static let demo = Setting(
        "demo", "on|off", "Make an account, deploy a first server and sign in to it; for trying things out.",
        form: .onOff, fallback: "off", parse: Parse.onOff)
}

/// The engines to choose from; the names are the engines' own.
enum Compute: String, CaseIterable, Sendable {
    case qemu
    case simulated
}
