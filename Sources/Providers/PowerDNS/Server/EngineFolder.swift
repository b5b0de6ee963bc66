import Foundation

/// The name server's folder, `DIR/dns`: its configuration, its database, nothing else of worth.
struct EngineFolder: Sendable {
    let path: String
    /// Where nobody but us can write, on the same file system.
    private var scratch: String { (path as NSString).deletingLastPathComponent }
    private var database: String { "\(path)/\(EngineConfiguration.databaseName)" }

    /// Makes what is missing, and gives it all to the engine's account.
    /// - Throws: `NameServerError`.
    func prepare(for owner: GuestAccount.Owner?) async throws(NameServerError) {
        do {
            try makeDirectory(path)
            if access(database, F_OK) != 0 { try await makeDatabase() }
            guard let owner else { return }
            guard lchown(path, owner.user, owner.group) == 0 else { throw HostError("chown \(path)") }
            for suffix in ["", "-wal", "-shm"] { try give(database + suffix, to: owner) }
        } catch let error as NameServerError {
            throw error
        } catch {
            throw NameServerError("the name server's folder cannot be used: \(error)")
        }
    }

    /// - Throws: `NameServerError`.
    func write(_ configuration: EngineConfiguration, for owner: GuestAccount.Owner?) throws(NameServerError) {
        let name = EngineConfiguration.fileName
        do throws(HostError) {
            try writeFile(Array(configuration.text.utf8), to: "\(path)/\(name)", scratch: scratch, owner: owner)
        } catch {
            throw NameServerError("the name server's configuration cannot be written: \(error)")
        }
    }

    /// The folder is the engine's to write: what it may have put in the place of a file stays as it is.
    private func give(_ path: String, to owner: GuestAccount.Owner) throws(HostError) {
        let file: Descriptor
        do throws(HostError) {
            file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch  where error.code == ENOENT {
            return
        }
        let attributes = try file.attributes()
        guard attributes.st_uid != owner.user else { return }
        guard attributes.st_mode & S_IFMT == S_IFREG, attributes.st_nlink == 1 else {
            throw HostError("take over \(path)", code: EPERM)
        }
        guard fchown(file.raw, owner.user, owner.group) == 0 else { throw HostError("chown \(path)") }
    }

    /// By the schema of the installed package, in WAL, whole or not at all.
    private func makeDatabase() async throws {
        guard let path = Self.schemas.first(where: { access($0, R_OK) == 0 }) else {
            throw NameServerError(
                "PowerDNS's SQLite schema is not at \(Self.schemas[0]): install pdns-backend-sqlite3")
        }
        let schema = try Descriptor(opening: path, O_RDONLY).read(1 << 20, from: 0)
        let aside = "\(scratch)/.\(EngineConfiguration.databaseName).new"
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(aside + suffix) }
        let commands = "PRAGMA journal_mode=WAL;\n" + String(decoding: schema, as: UTF8.self)
        let made: ProgramResult
        do throws(ProgramError) {
            made = try await runProgram("sqlite3", ["-batch", "-bail", aside], input: commands, limit: .seconds(30))
        } catch {
            throw NameServerError("the name server's database cannot be made: \(error)")
        }
        guard made.succeeded else {
            throw NameServerError("the name server's database cannot be made: \(made.complaint)")
        }
        guard chmod(aside, 0o600) == 0, rename(aside, database) == 0 else { throw HostError("rename to \(database)") }
    }

    private static let schemas = [
        "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql",
        "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql",
        "/usr/share/doc/pdns/schema.sqlite3.sql",
    ]
}
