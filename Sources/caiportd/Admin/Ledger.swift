import ArgumentParser
import Cloud
import Kernel
import Wire

/// What an operator does with the books.
struct Ledger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove the books line by line; write them out for an accountant.",
        subcommands: [CheckLedger.self, ExportLedger.self])
}

struct CheckLedger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Work out every line of every invoice anew, and prove every sum.",
        discussion: "One line for each thing that does not add up. Exit status: 0 all is well, 1 something is not.")

    @OptionGroup var flags: AdminFlags

    func run() async throws {
        var isSound = true
        try await AdminDesk(flags: flags).perform { cloud in
            var findings: [[AdminTable.Cell]] = []
            let check = try await cloud.billing.checkLedger { finding in
                guard flags.json else { return Standard.output.write("\(finding)\n") }
                findings.append([.text(finding.kind.rawValue), .text(finding.subject), .text(finding.words)])
            }
            isSound = check.findings == 0
            let table = AdminTable(name: "found", columns: ["kind", "subject", "words"], rows: findings)
            return AdminAnswer(
                fields: [],
                numbers: [
                    ("accounts", Int64(check.accounts)), ("invoices", Int64(check.invoices)),
                    ("lines", Int64(check.lines)), ("transactions", Int64(check.transactions)),
                    ("findings", Int64(check.findings)),
                ], tables: flags.json ? [table] : [])
        }
        if !isSound { throw Reported(status: 1) }
    }
}

struct ExportLedger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the ledger out as CSV: one line for each posting.",
        discussion: """
            Each line takes the amount from the account in the column credit and gives it to the one in debit. Dates \
            are the business's. A text that a spreadsheet would take for a formula begins with an apostrophe.
            """)

    @Option(help: ArgumentHelp("The first date, such as 2026-07-01.", valueName: "date")) var from: String
    @Option(help: ArgumentHelp("The last date, such as 2027-06-30.", valueName: "date")) var to: String
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            var text = ""
            try await cloud.billing.exportLedger(from: from, to: to) { lines in
                if flags.json { text += lines } else { Standard.output.write(lines) }
            }
            return flags.json ? AdminAnswer(fields: [("csv", text)]) : AdminAnswer(fields: [])
        }
    }
}
