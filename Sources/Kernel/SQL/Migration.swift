import Crypto
import Foundation

/// One step of the schema: applied once, in one commit, and never edited once released.
package struct Migration: Sendable {
    /// Four digits and a few words, such as `0001-core`; migrations are applied in the order of their names.
    package let name: String
    package let statements: [SQL]
    /// SHA-256 of the file's text in hexadecimal, by which a later edit is noticed.
    package let hash: String

    /// Reads a file's text. A statement ends with a `;` at the end of a line that is followed by an empty line or
    /// by the end of the file, so that a trigger may have `;` inside. Lines that begin with `--` are comments.
    package init(name: String, text: String) {
        self.name = name
        self.hash = SHA256.hash(data: Data(text.utf8)).hex
        self.statements = Self.statements(of: text)
    }

    /// The migrations among `files` that are meant for `dialect`, in order.
    ///
    /// A file is called `0001-core.sql`, or `0001-core.sqlite.sql` and `0001-core.postgres.sql` where the dialects
    /// differ; the file made for a dialect goes before the common one.
    /// - Throws: `MigrationRefused` for a file that is not named like this, and for a number that is used twice.
    package static func all(
        from files: [(name: String, text: String)], for dialect: Dialect
    ) throws(MigrationRefused) -> [Migration] {
        var common: [String: Migration] = [:]
        var special: [String: Migration] = [:]
        for file in files {
            guard let (name, variant) = parse(file.name) else { throw .misnamed(file: file.name) }
            switch variant {
            case nil: common[name] = Migration(name: name, text: file.text)
            case dialect.suffix: special[name] = Migration(name: name, text: file.text)
            default: break
            }
        }
        let chosen = common.merging(special) { _, special in special }.values.sorted { $0.name < $1.name }
        for (one, next) in zip(chosen, chosen.dropFirst()) where one.name.prefix(4) == next.name.prefix(4) {
            throw .numberedTwice(one.name, next.name)
        }
        return chosen
    }

    private static func parse(_ file: String) -> (name: String, variant: String?)? {
        let parts = file.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.last == "sql" else { return nil }
        let name = parts[0]
        let words = Array(name.utf8.dropFirst(5))
        let isNumbered = name.utf8.prefix(4).count { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") } == 4
        guard isNumbered, name.utf8.dropFirst(4).first == UInt8(ascii: "-"), !words.isEmpty else { return nil }
        guard parts.count == 3 else { return (name, nil) }
        guard [Dialect.sqlite, .postgres].contains(where: { $0.suffix == parts[1] }) else { return nil }
        return (name, parts[1])
    }

    private static func statements(of text: String) -> [SQL] {
        let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces).isEmpty ? "" : String($0) }
        var statements: [SQL] = []
        var statement: [String] = []
        for (index, line) in lines.enumerated() {
            statement.append(line)
            let words = line.trimmingCharacters(in: .whitespaces)
            let isBeforeGap = index + 1 == lines.count || lines[index + 1].isEmpty
            guard words.hasSuffix(";"), !words.hasPrefix("--"), isBeforeGap else { continue }
            append(statement, to: &statements)
            statement = []
        }
        append(statement, to: &statements)
        return statements
    }

    private static func append(_ lines: [String], to statements: inout [SQL]) {
        let says = lines.contains { line in
            let words = line.trimmingCharacters(in: .whitespaces)
            return !words.isEmpty && !words.hasPrefix("--")
        }
        guard says else { return }
        var text = lines.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        if text.hasSuffix(";") { text.removeLast() }
        statements.append(SQL(verbatim: text))
    }
}

extension Dialect {
    /// The part of a file's name that says it is for this dialect alone.
    fileprivate var suffix: String {
        switch self {
        case .sqlite: "sqlite"
        case .postgres: "postgres"
        }
    }
}

/// Why a schema is not brought up to date. Nothing was changed by the migration that is refused.
package enum MigrationRefused: Error, Hashable, CustomStringConvertible {
    /// The text of a migration is not the one that was applied.
    case changed(String)
    /// The database has a migration of which this program knows nothing.
    case unknown(String)
    /// A migration is to be applied whose successor already is.
    case outOfOrder(String, before: String)
    case misnamed(file: String)
    case numberedTwice(String, String)

    package var description: String {
        switch self {
        case .changed(let name):
            "migration \(name) was changed after it had been applied; restore its text and add a new migration"
        case .unknown(let name):
            "the database is newer than this program: it has migration \(name); run the newer program"
        case .outOfOrder(let name, let later):
            "migration \(name) cannot be applied: \(later), which comes after it, already is; give it a higher number"
        case .misnamed(let file):
            "\(file) is not named like a migration, such as 0001-core.sql or 0001-core.postgres.sql"
        case .numberedTwice(let one, let other):
            "migrations \(one) and \(other) have the same number"
        }
    }
}
