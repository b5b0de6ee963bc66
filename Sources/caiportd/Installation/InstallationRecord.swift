import Foundation
import Kernel

/// What `DIR/installation.json` says of an installation: who this node is, and what it was last served with,
/// for the commands that run beside the daemon.
struct InstallationRecord: Codable, Hashable {
    /// The program that served last.
    var version: String
    /// Names this node in leases; made once.
    let node: String
    var compute: String
    /// `sqlite` or `postgres`; never the address.
    var database: String
    /// Which installation this is a node of; its database says the same. Nil before the first start with a program
    /// that knows of it.
    var installation: String?

    /// Nil when the directory was never served.
    /// - Throws: `Complaint` when the file cannot be understood.
    static func read(_ directory: DataDirectory) throws -> InstallationRecord? {
        guard access(directory.installation, F_OK) == 0 else { return nil }
        let bytes = try readFile(directory.installation, atMost: 65_536, calledThe: "installation's record")
        do {
            return try JSONDecoder().decode(InstallationRecord.self, from: Data(bytes))
        } catch {
            throw Complaint(
                "\(directory.installation) is damaged: put it back from a backup")
        }
    }

    /// What a directory without the file is: one that was never served, or one that lost it.
    /// - Throws: `Complaint` as well, for a database of another user.
    static func missing(in directory: DataDirectory) throws(Complaint) -> Complaint {
        let found = (try directory.holdsDatabase ? ["a database"] : []) + (directory.holdsMachines ? ["machines"] : [])
        guard !found.isEmpty else {
            return Complaint("\(directory.path) was never served: there is nothing to check")
        }
        return Complaint(
            "\(directory.path) holds \(found.joined(separator: " and ")), but not installation.json, which says whose "
                + "they are and what makes the machines: put it back from a backup; if it is lost, start "
                + "`caiportd serve` with the same --compute and --database, and it makes a new one")
    }

    static func make(from randomness: some Randomness, compute: Compute, database: DatabaseKind) -> InstallationRecord {
        InstallationRecord(
            version: Version.text, node: "node_\(randomness.bytes(8).hex)", compute: compute.rawValue,
            database: database.rawValue)
    }

    func save(in directory: DataDirectory) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try writePrivateFile(directory.installation, String(decoding: try encoder.encode(self), as: UTF8.self) + "\n")
    }

    /// - Throws: `Complaint` when the installation's data is in the other kind of database: serving without it
    ///   would forget every customer and leave the machines to nobody.
    func require(_ kind: DatabaseKind, in directory: DataDirectory) throws(Complaint) {
        guard database != kind.rawValue else { return }
        let advice =
            kind == .sqlite
            ? "say which with --database (or CAIPORT_DATABASE)"
            : "leave out --database, or choose another data directory"
        let place = kind == .sqlite ? "a PostgreSQL database" : "\(directory.database)"
        throw Complaint("The data of \(directory.path) is in \(place): \(advice)")
    }
}

enum DatabaseKind: String, Sendable {
    case sqlite
    case postgres
}
