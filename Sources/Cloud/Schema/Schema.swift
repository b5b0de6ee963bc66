import Kernel

/// The product's tables: files of this folder, applied forward only and never edited once released.
package enum Schema {
    package static func migrations(for dialect: Dialect) throws -> [Migration] {
        let core = ("0001-core.sql", PackageResources.schema_0001_core_sql)
        let appendOnly =
            switch dialect {
            case .sqlite: ("0002-append-only.sqlite.sql", PackageResources.schema_0002_append_only_sqlite_sql)
            case .postgres: ("0002-append-only.postgres.sql", PackageResources.schema_0002_append_only_postgres_sql)
            }
        let operations = ("0003-operations.sql", PackageResources.schema_0003_operations_sql)
        let installation = ("0004-installation.sql", PackageResources.schema_0004_installation_sql)
        let money = ("0005-money.sql", PackageResources.schema_0005_money_sql)
        let books =
            switch dialect {
            case .sqlite:
                ("0006-books-append-only.sqlite.sql", PackageResources.schema_0006_books_append_only_sqlite_sql)
            case .postgres:
                ("0006-books-append-only.postgres.sql", PackageResources.schema_0006_books_append_only_postgres_sql)
            }
        let processor = ("0007-processor.sql", PackageResources.schema_0007_processor_sql)
        let domains = ("0008-domains.sql", PackageResources.schema_0008_domains_sql)
        let changes =
            switch dialect {
            case .sqlite:
                (
                    "0009-changes-append-only.sqlite.sql",
                    PackageResources.schema_0009_changes_append_only_sqlite_sql
                )
            case .postgres:
                (
                    "0009-changes-append-only.postgres.sql",
                    PackageResources.schema_0009_changes_append_only_postgres_sql
                )
            }
        let people = ("0010-people.sql", PackageResources.schema_0010_people_sql)
        let operators = ("0011-operators.sql", PackageResources.schema_0011_operators_sql)
        let files = [
            core, appendOnly, operations, installation, money, books, processor, domains, changes, people, operators,
        ]
        return try Migration.all(
            from: files.map { ($0.0, String(decoding: $0.1, as: UTF8.self)) },
            for: dialect)
    }
}
