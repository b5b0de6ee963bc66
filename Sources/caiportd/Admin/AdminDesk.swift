import Cloud
import Foundation
import Kernel
import Logging
import Providers
import Wire

/// Where an admin command meets the cloud: opens the database, does one thing, and says how it went.
struct AdminDesk {
    let flags: AdminFlags
    /// Whether the command may be an installation's first, before any `serve`.
    var mayBegin = false
    /// For what needs the payment processor.
    var processor: ProcessorFlags?
    /// Whether no daemon may serve the data directory meanwhile.
    var isAlone = false

    /// - Throws: `Reported` after a refusal was printed.
    func perform(_ act: (Cloud) async throws -> AdminAnswer) async throws {
        try await perform { cloud, _ in try await act(cloud) }
    }

    /// The same for what is the installation's own and no account's.
    func perform(_ act: (Cloud, any Database) async throws -> AdminAnswer) async throws {
        do {
            let answer = try await withCloud(act)
            Standard.output.write(flags.json ? answer.json : answer.text)
        } catch {
            Standard.error.write(flags.json ? Self.json(about: error) : Self.text(about: error))
            throw Reported(status: 1)
        }
    }

    private func withCloud(_ act: (Cloud, any Database) async throws -> AdminAnswer) async throws -> AdminAnswer {
        let configuration = try flags.configuration(processor?.given ?? [])
        let directory = DataDirectory(try configuration[Settings.dataDirectory])
        let address = try configuration.databaseAddress()
        if address == nil { try directory.require() }
        let record = try InstallationRecord.read(directory)
        try record?.require(address == nil ? .sqlite : .postgres, in: directory)
        if address == nil { try requireFile(in: directory) }
        let lock = isAlone ? try lock(directory) : nil
        let time = SystemTime()
        let randomness = SystemRandomness()
        let logger = Logger(label: "caiportd") { _ in LogStream(format: .text, level: .warning, time: time) }
        let open = try await OpenDatabase(
            address, in: directory, lock: lock, connections: 1, time: time, logger: logger
        ) { database in
            try record?.requireSameInstallation(try await DatabaseStanding(of: database), in: directory)
        }
        do {
            // The engines are the daemon's; what is done here is rows.
            let cloud = Cloud(
                database: open.database, catalogue: .builtIn(engine: Compute.qemu.rawValue), engines: Engines([]),
                terms: try await BillingTerms.stored(in: open.database) ?? configuration.untoldTerms(),
                payments: processor == nil ? nil : try configuration.stripe().map(StripePayments.init), time: time,
                randomness: randomness, logger: logger, wake: {})
            let answer = try await act(cloud, open.database)
            await open.close()
            return answer
        } catch {
            await open.close()
            throw error
        }
    }

    /// Holds the lock to the end of the process. With PostgreSQL the data may be another host's, and nothing be here.
    private func lock(_ directory: DataDirectory) throws(Complaint) -> DataLock? {
        guard access(directory.path, F_OK) == 0 else { return nil }
        return try DataLock(directory) { holder in
            Complaint("\(directory.path) is in use by \(holder): stop that daemon first")
        }
    }

    /// - Throws: `Complaint` where a mistyped directory would become a second, empty installation.
    private func requireFile(in directory: DataDirectory) throws {
        if try directory.holdsDatabase { return }
        if mayBegin {
            try directory.make()
        } else {
            throw Complaint("There is no database in \(directory.path): run `caiportd serve` there first")
        }
    }

    private static func text(about error: any Error) -> String {
        var text = "caiportd: \(Complaint(about: error).sentence)\n"
        if let refusal = error as? Refusal {
            for (field, fault) in refusal.fields.sorted(by: { $0.key < $1.key }) where fault != refusal.sentence {
                text += "  \(field): \(fault)\n"
            }
        }
        return text
    }

    private static func json(about error: any Error) -> String {
        let refusal = error as? Refusal
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("error", Complaint(about: error).sentence)
            writer.field("code", refusal?.code.rawValue ?? (error is DatabaseUnavailable ? "unavailable" : "failed"))
            if let fields = refusal?.fields, !fields.isEmpty {
                writer.key("fields")
                writer.object { writer in
                    for (field, fault) in fields.sorted(by: { $0.key < $1.key }) {
                        writer.key(field)
                        writer.string(fault)
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}

/// What an admin command answers.
struct AdminAnswer {
    let fields: [(name: String, value: String)]
    /// Further fields, after the others.
    var numbers: [(name: String, value: Int64)] = []
    /// Rows of the same kind, last.
    var tables: [AdminTable] = []
    /// A sentence for people, not part of the JSON.
    var remark: String?

    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            for field in fields {
                writer.key(field.name)
                writer.string(field.value)
            }
            for field in numbers {
                writer.key(field.name)
                writer.integer(field.value)
            }
            for table in tables { table.write(to: &writer) }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    var text: String {
        let fields = fields + numbers.map { ($0.name, "\($0.value)") }
        let width = fields.map(\.name.count).max() ?? 0
        let lines = fields.map { field in
            let name = field.name.replacing("_", with: " ")
            return "\(name)\(String(repeating: " ", count: width - name.count))  \(LogText.plain(field.value))\n"
        }
        return lines.joined() + tables.map(\.text).joined() + (remark.map { "\($0)\n" } ?? "")
    }
}
