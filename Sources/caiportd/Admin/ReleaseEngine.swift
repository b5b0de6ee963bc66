import ArgumentParser
import Cloud
import Kernel

/// Ends the bond between an engine's machines and the one host that has them, whose data directory, or its
/// `installation.json`, is lost: the next daemon that serves the database takes its place.
struct ReleaseEngine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Free an engine from the host that had its machines and is lost.",
        discussion: """
            Only for a host that is lost, or has lost its installation.json: a second daemon beside the first would \
            take up its work and find none of its machines.
            """)

    @Option(help: ArgumentHelp("The engine: \(ReleaseEngine.names).", valueName: "engine")) var engine: String
    @Flag(help: "Although servers have machines there: on another host these are given up.") var force = false
    @OptionGroup var flags: AdminFlags

    private static let names = Compute.allCases.filter(\.keepsMachinesOnOneHost).map(\.rawValue)
        .joined(separator: ", ")

    func validate() throws {
        guard Compute(rawValue: engine)?.keepsMachinesOnOneHost == true else {
            throw ValidationError("--engine must be one of \(Self.names)")
        }
    }

    func run() async throws {
        try await AdminDesk(flags: flags, isAlone: true).perform { _, database in
            guard let node = try await DatabaseStanding(of: database).hosts[engine] else {
                throw Complaint(
                    "No host is noted for the engine \(engine) in this database: there is nothing to release")
            }
            let machines = try await Engines.machines(in: database)[engine] ?? 0
            guard machines == 0 || force else {
                throw Complaint(
                    "\(machines == 1 ? "1 server has its machine" : "\(machines) servers have their machines") on the "
                        + "engine \(engine), kept by \(node): destroy them first, or say --force if that host is lost "
                        + "or this is it")
            }
            try await database.commit([
                Write(
                    "installation.release",
                    "DELETE FROM engine_hosts WHERE engine = \(engine) AND node = \(node)")
            ])
            return AdminAnswer(
                fields: [("engine", engine), ("released_from", node)],
                remark: "The next daemon that serves this database with --compute \(engine) has the machines.")
        }
    }
}
