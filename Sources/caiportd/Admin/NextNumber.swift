import ArgumentParser
import Cloud
import Kernel

extension NumberSeries: ExpressibleByArgument {}

struct NextInvoiceNumber: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next-number",
        abstract: "Raise the number of the next invoice or adjustment note, after a database was restored.",
        discussion: """
            A database that was restored from a copy does not know what was issued since. Raise the number beyond the \
            highest one that a customer has, before the daemon starts: the numbers in between are not used.
            """)

    @Argument(help: ArgumentHelp("The next number.", valueName: "number")) var number: Int64
    @Option(help: ArgumentHelp("What is numbered: invoice or adjustment.", valueName: "series"))
    var series = NumberSeries.invoice
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let skipped = try await cloud.billing.skipNumbers(of: series, to: number)
            return AdminAnswer(
                fields: [("series", series.rawValue)], numbers: [("next", number), ("skipped", skipped)])
        }
    }
}
