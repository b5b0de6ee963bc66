import Foundation
import Kernel

/// A data directory and a database belong together: a sweeper with another installation's database would destroy
/// the machines that database does not know.
extension InstallationRecord {
    /// - Throws: `Complaint` where machines are without the file that knows them. Opening would make an empty one.
    func requireFile(in directory: DataDirectory) throws(Complaint) {
        guard database == DatabaseKind.sqlite.rawValue, directory.holdsMachines,
            access(directory.database, F_OK) != 0
        else { return }
        throw Self.lost(directory)
    }

    /// - Throws: `Complaint` unless this directory may be served with that database.
    func requireFit(
        _ standing: DatabaseStanding, for compute: Compute, in directory: DataDirectory
    ) throws(Complaint) {
        try requireSameInstallation(standing, in: directory)
        switch (installation, standing.installation) {
        case (.some, nil) where directory.holdsMachines, (nil, _) where directory.holdsMachines && !standing.hasServers:
            throw Self.lost(directory)
        default: break
        }
        guard compute.keepsMachinesOnOneHost, let host = standing.hosts[compute.rawValue], host != node else { return }
        throw directory.lacksRecord ? Self.unnamed(directory, host, compute) : Self.elsewhere(directory, host, node)
    }

    /// - Throws: `Complaint` when the database is another installation's, or may be: what an operator changes would
    ///   be changed there.
    func requireSameInstallation(_ standing: DatabaseStanding, in directory: DataDirectory) throws(Complaint) {
        switch (installation, standing.installation) {
        case (let own?, let its?) where own != its:
            throw Complaint(
                "The database is that of installation \(its), and \(directory.path) belongs to \(own): give the "
                    + "--database or the --data-dir that go together")
        case (let own?, nil) where standing.hasServers:
            throw Complaint(
                "The database does not say whose it is, and \(directory.path) belongs to installation \(own): give "
                    + "the right --database or --data-dir; if this is a backup from before an upgrade, put back its "
                    + "installation.json as well")
        default: break
        }
    }

    private static func elsewhere(_ directory: DataDirectory, _ host: String, _ node: String) -> Complaint {
        Complaint(
            "The machines of this database are kept by \(host), and \(directory.path) is \(node): one host has them "
                + "all; serve them there, or move that data directory here with its installation.json")
    }

    private static func unnamed(_ directory: DataDirectory, _ host: String, _ compute: Compute) -> Complaint {
        Complaint(
            "The machines of this database are kept by \(host), and \(directory.path) has no installation.json to say "
                + "that it is that node: put the file back from a backup, or serve where it is; if it is lost, and "
                + "no daemon serves this database, say `caiportd admin release-engine --engine \(compute.rawValue) "
                + "--force` and start again")
    }

    private static func lost(_ directory: DataDirectory) -> Complaint {
        Complaint(
            "\(directory.machines) holds machines that the database knows nothing of: restore the database from a "
                + "backup, or give the right --database or --data-dir; to give the machines up, move that folder and "
                + "\(directory.installation) away")
    }

    /// Writes whose the database is and whose this directory is, where that is not written yet. In the database
    /// first: a directory that was never told adopts what it finds there.
    ///
    /// - Throws: `Complaint` when another node was faster and the two do not fit.
    mutating func bind(
        to database: some Database, for compute: Compute, in directory: DataDirectory, time: some Timekeeper,
        randomness: some Randomness
    ) async throws {
        try requireFit(try await DatabaseStanding(of: database), for: compute, in: directory)
        let id = installation ?? "in_\(randomness.bytes(8).hex)"
        try await database.commit([
            Write(
                "installation.name", touching: 0...1,
                """
                INSERT INTO installation (slot, id, created_at) VALUES (1, \(id), \(time.now))
                ON CONFLICT (slot) DO NOTHING
                """)
        ])
        let standing = try await DatabaseStanding(of: database)
        try requireFit(standing, for: compute, in: directory)
        installation = standing.installation
        self.compute = compute.rawValue
        // Before the engine is claimed: a claim by a node whose name was lost would keep everybody out.
        try save(in: directory)
        guard compute.keepsMachinesOnOneHost else { return }
        try await database.commit([
            Write(
                "installation.host", touching: 0...1,
                """
                INSERT INTO engine_hosts (engine, node) VALUES (\(compute.rawValue), \(node))
                ON CONFLICT (engine) DO NOTHING
                """)
        ])
        try requireFit(try await DatabaseStanding(of: database), for: compute, in: directory)
    }
}

extension Compute {
    /// Whether its machines are processes and files of the host that launched them.
    var keepsMachinesOnOneHost: Bool {
        switch self {
        case .qemu: true
        case .simulated: false
        }
    }
}
