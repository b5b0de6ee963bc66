import ArgumentParser
import Cloud
import Foundation
import Kernel
import Logging

/// Looks whether everything fits together; also beside a running daemon. Changes nothing.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look whether accounts, servers, machines and bills fit together; changes nothing.",
        discussion: """
            Prints a line for each thing that must be true. What a daemon is working on is "moving" and no fault; \
            what looks broken is looked at again for twenty seconds. Exit status: 0 all is well, 1 something is \
            broken, 2 it could not look.
            """)

    @OptionGroup var data: DataFlags
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let report: CheckReport
        do {
            report = try await examine()
        } catch {
            let sentence = Self.complaint(about: error).sentence
            Standard.error.write(json ? CheckText.json(about: sentence) : "caiportd: \(sentence)\n")
            throw Reported(status: 2)
        }
        Standard.output.write(json ? CheckText.json(report) : CheckText.lines(report))
        if !report.isSound { throw Reported(status: 1) }
    }

    private static func complaint(about error: any Error) -> Complaint {
        if let unseen = error as? Cloud.EngineUnseen {
            return Complaint("The engine \(unseen.engine) cannot be looked at: \(unseen.reason)")
        }
        return Complaint(about: error)
    }

    private func examine() async throws -> CheckReport {
        let configuration = try data.configuration()
        let directory = DataDirectory(try configuration[Settings.dataDirectory])
        try directory.require()
        guard let record = try InstallationRecord.read(directory) else {
            throw try InstallationRecord.missing(in: directory)
        }
        guard let compute = Compute(rawValue: record.compute) else {
            throw Complaint("\(directory.path) was served with the engine \(record.compute), which this program lacks")
        }
        let address = try configuration.databaseAddress()
        try record.require(address == nil ? .sqlite : .postgres, in: directory)
        let time = SystemTime()
        let logger = Logger(label: "caiportd") { _ in LogStream(format: .text, level: .error, time: time) }
        let open = try await UnchangedDatabase.open(address, in: directory, logger: logger)
        do {
            try record.requireFit(try await DatabaseStanding(of: open.database), for: compute, in: directory)
            let machines = Engine.machines(compute, in: directory, open.database, time: time, logger: logger)
            let cloud = Cloud(
                database: open.database, catalogue: .builtIn(engine: compute.rawValue),
                engines: Engines([machines]), terms: try configuration.billingTerms(), time: time,
                randomness: SystemRandomness(), logger: logger, wake: {})
            let report = try await cloud.check()
            await open.close()
            return report
        } catch {
            await open.close()
            throw error
        }
    }
}
