import Foundation
import Testing

/// What `caiportd config` says, which is what `serve` uses.
@Suite(.serialized) struct ConfigurationTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func configuration(
        _ flags: [String] = [], environment: [String: String] = [:]
    ) async throws -> JSON {
        let run = try await Run(["config", "--json"] + flags, in: scratch, environment: environment)
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
        return try JSON(run.output)
    }

    @Test func everySettingHasADefaultAndSaysSo() async throws {
        let configuration = try await configuration()
        #expect(configuration.names.count >= 19)
        for name in configuration.names {
            #expect(try configuration[name].string("origin") == "default", "\(name)")
        }
        #expect(try configuration["listen"].string("value") == "127.0.0.1:8080")
        #expect(try configuration["compute"].string("value") == "qemu")
        #expect(try configuration["rate-limits"].string("value") == "on")
    }

    @Test func everySettingIsAFlagOfServe() async throws {
        let names = try await configuration().names
        let help = try await Run(["serve", "--help"], in: scratch).output
        for name in names { #expect(help.contains("--\(name)"), "\(name)") }
    }

    @Test func aFlagGoesBeforeTheEnvironmentAndThatBeforeTheFile() async throws {
        let file = try scratch.write(
            "settings.json", #"{"listen": "127.0.0.1:1", "rate-limits": false, "simulated-boot-ms": 7}"#)
        let environment = ["CAIPORT_LISTEN": "127.0.0.1:2", "CAIPORT_CONFIG": file]

        let withFlag = try await configuration(["--listen", "127.0.0.1:3"], environment: environment)
        #expect(try withFlag["listen"].string("value") == "127.0.0.1:3")
        #expect(try withFlag["listen"].string("origin") == "flag")

        let withVariable = try await configuration(environment: environment)
        #expect(try withVariable["listen"].string("value") == "127.0.0.1:2")
        #expect(try withVariable["listen"].string("origin") == "environment CAIPORT_LISTEN")
        #expect(try withVariable["rate-limits"].string("value") == "off")
        #expect(try withVariable["rate-limits"].string("origin") == "file \(file)")
        #expect(try withVariable["simulated-boot-ms"].string("value") == "7")

        let withFile = try await configuration(["--config", file])
        #expect(try withFile["listen"].string("value") == "127.0.0.1:1")
        #expect(try withFile["config"].string("origin") == "flag")
    }

    @Test func aSwitchOverrulesTheFile() async throws {
        let file = try scratch.write("settings.json", #"{"demo": true}"#)
        #expect(try await configuration(["--config", file])["demo"].string("value") == "on")
        #expect(try await configuration(["--config", file, "--no-demo"])["demo"].string("value") == "off")
    }

    @Test func theDemonstrationLogsOnlyWarnings() async throws {
        #expect(try await configuration()["log-level"].string("value") == "info")
        #expect(try await configuration(["--demo"])["log-level"].string("value") == "warning")
    }

    @Test func aMistypedFlagIsAnErrorThatNamesIt() async throws {
        let run = try await Run(["serve", "--lisen", "127.0.0.1:0", "--data-dir", scratch("data")], in: scratch)
        #expect(run.status != 0)
        #expect(run.errorOutput.contains("--lisen"))
        #expect(!FileManager.default.fileExists(atPath: scratch("data")))
    }

    @Test(arguments: [
        (#"{"lisen": "127.0.0.1:1"}"#, "\"lisen\""),
        (#"{"listen": 8080}"#, "\"listen\""),
        (#"{"workers": "many"}"#, "\"workers\""),
        (#"{"rate-limits": 1}"#, "\"rate-limits\""),
        (#"{"listen": "127.0.0.1:1", "listen": "127.0.0.1:2"}"#, "listen"),
        (#"["listen"]"#, "JSON object"),
        ("listen: 127.0.0.1", "not JSON"),
        (#"{"compute": "quemu"}"#, "qemu or simulated"),
    ])
    func aFaultyFileIsRefusedByName(text: String, words: String) async throws {
        let file = try scratch.write("settings.json", text)
        let run = try await Run(["serve", "--config", file, "--data-dir", scratch("data")], in: scratch)
        #expect(run.status == 1)
        #expect(run.isOneSentence, "\(run.errorOutput)")
        #expect(run.errorOutput.contains(words) && run.errorOutput.contains(file), "\(run.errorOutput)")
        #expect(!FileManager.default.fileExists(atPath: scratch("data")))
    }

    @Test(arguments: [
        ["--listen", "8080"], ["--listen", "127.0.0.1:99999"], ["--listen", "::1:80"], ["--compute", "kvm"],
        ["--simulated-boot-ms", "-1"], ["--workers", "0"], ["--workers", "1.5"], ["--rate-limits", "yes"],
        ["--address-range", "10.0.0.0/8"], ["--address-range", "127.10.0.0"], ["--guest-lan", "maybe"],
        ["--database", "mysql://host/db"], ["--log-level", "loud"], ["--tls-certificate", "cert.pem"],
        ["--seller-name", "Wolke\u{202E}Süd"], ["--seller-name", String(repeating: "x", count: 201)],
        ["--seller-email", "nobody"], ["--seller-address", "1 Street; \u{1B}[2J"],
        ["--payment-instructions", "1;2;3;4;5;6;7;8;9;10;11"],
        ["--listen", "0.0.0.0:8080"], ["--demo", "--listen", "0.0.0.0:8080", "--behind-proxy"],
    ])
    func aBadValueIsOneSentenceAndTouchesNothing(flags: [String]) async throws {
        let joined = flags[0] + (flags.count == 2 ? "=\(flags[1])" : "")
        let flags = flags.count == 2 ? [joined] : flags
        let run = try await Run(["serve", "--data-dir", scratch("data")] + flags, in: scratch)
        #expect(run.status == 1)
        #expect(run.isOneSentence, "\(run.errorOutput)")
        #expect(!FileManager.default.fileExists(atPath: scratch("data")))
    }

    @Test(arguments: [
        ("postgres://me:s3cret-word@db.example/caiport", "postgres://me:***@db.example/caiport"),
        ("postgres://me:s3cret-word@x@db.example/caiport", "postgres://me:***@db.example/caiport"),
        (
            "postgresql://me@db.example/caiport?password=s3cret-word&sslmode=require",
            "postgresql://me@db.example/caiport?password=***&sslmode=require"
        ),
        ("postgres://db.example/caiport?sslpassword=s3cret-word", "postgres://db.example/caiport?sslpassword=***"),
        (
            "postgres://me@[::1]:5432/caiport?user=u&password=s3cret-word&sslmode=require",
            "postgres://me@[::1]:5432/caiport?user=u&password=***&sslmode=require"
        ),
        ("postgres://me:s3cret-word@a:5432,b:5433/caiport", "postgres://me:***@a:5432,b:5433/caiport"),
        // Where a character was not escaped, nobody can say what is a password.
        ("postgres://db/caiport?user=u&password=p@s3cret-word", "postgres://***"),
        ("postgres://db/caiport?user=u&password=s3cret-word@p", "postgres://***"),
        ("postgres://db/caiport?password=p&s3cret-word", "postgres://db/caiport?password=***&***"),
        ("postgres://me@db/x?password=p@s3cret-word", "postgres://***"),
        ("postgres://me@db/x?password=s3cret-word@p", "postgres://***"),
        ("postgres://me:p/s3cret-word@db/x", "postgres://***"),
        ("postgres://me:s3cret-word/p@db/x", "postgres://***"),
        ("postgres://me:p?s3cret-word@db/x", "postgres://***"),
        ("postgres://me:s3cret-word/x", "postgres://***"),
        ("postgres://me%3As3cret-word@db/x", "postgres://***"),
    ])
    func thePasswordOfTheDatabaseIsMasked(url: String, masked: String) async throws {
        for flags in [["config"], ["config", "--json"]] {
            let run = try await Run(flags + ["--database", url], in: scratch)
            #expect(run.status == 0)
            #expect(run.output.contains(masked), "\(run.output)")
            #expect(!(run.output + run.errorOutput).contains("s3cret-word"))
        }
    }

    @Test func ofTwoDatabasesTheOneGivenNearerHolds() async throws {
        let file = try scratch.write("url", "postgres://me:s3cret-word@127.0.0.1:1/caiport\n")
        let faulty = try scratch.write("faulty", "mysql://host/db")
        let url = "postgres://me:s3cret-word@127.0.0.1:2/caiport"
        func config(_ flags: [String], _ environment: [String: String]) async throws -> Run {
            try await Run(["config"] + flags, in: scratch, environment: environment)
        }
        let fileFirst = try await config(["--database-file", faulty], ["CAIPORT_DATABASE": url])
        #expect(fileFirst.status == 1 && fileFirst.errorOutput.contains(faulty), "\(fileFirst.errorOutput)")
        #expect(try await config(["--database-file", file], ["CAIPORT_DATABASE": url]).status == 0)
        #expect(try await config(["--database", url], ["CAIPORT_DATABASE_FILE": faulty]).status == 0)

        let settings = try scratch.write("settings.json", #"{"database": "\#(url)"}"#)
        let overFile = try await config(["--config", settings], ["CAIPORT_DATABASE_FILE": faulty])
        #expect(overFile.status == 1 && overFile.errorOutput.contains(faulty), "\(overFile.errorOutput)")

        let both = try await config(["--database", url, "--database-file", file], [:])
        #expect(both.status == 1 && both.errorOutput.contains("not both"), "\(both.errorOutput)")
    }

    @Test func aRefusedDatabaseAddressKeepsItsPassword() async throws {
        for url in ["mysql://me:s3cret-word@host/db", "postgres://me:s3cret-word@[host/db?x"] {
            let run = try await Run(["serve", "--data-dir", scratch("data"), "--database", url], in: scratch)
            #expect(run.status == 1)
            #expect(run.isOneSentence, "\(run.errorOutput)")
            #expect(!run.errorOutput.contains("s3cret-word"))
        }
    }

    @Test func anUnknownVariableIsWarnedOf() async throws {
        let run = try await Run(
            ["config"], in: scratch,
            environment: ["CAIPORT_LISEN": "x", "CAIPORT_TEST_SIZE": "1", "CAIPORT_CRASH_AT": "x"])
        #expect(run.status == 0)
        #expect(run.errorOutput.contains("CAIPORT_LISEN"))
        #expect(!run.errorOutput.contains("CAIPORT_TEST_SIZE") && !run.errorOutput.contains("CAIPORT_CRASH_AT"))
    }

    @Test func theVersionIsPrinted() async throws {
        let run = try await Run(["--version"], in: scratch)
        #expect(run.status == 0)
        #expect(run.output.contains("."))
    }
}
