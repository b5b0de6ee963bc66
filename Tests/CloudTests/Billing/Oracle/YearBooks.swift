import Cloud
import Fakes
import Kernel

/// What was issued for a year, as its customers read it.
struct YearBooks {
    /// By account and month, in the words of `scripts/billing_oracle.py`; what two installations may differ in, the
    /// invoices' ids and numbers, is left out.
    private(set) var invoices: [String: [String]] = [:]
    /// Of all invoices, in order.
    private(set) var numbers: [Int64] = []
    /// How many, of all invoices.
    private(set) var lines = 0

    init(of year: BusinessYear, in billing: Billing) async throws {
        for customer in year.customers {
            for summary in try await billing.invoices(of: customer.id).invoices {
                let invoice = try await billing.invoice(summary.id.text, of: customer.id)
                let head = YearStatement.head(
                    customer.id, summary.month.description, summary.sum, summary.taxAmount, summary.total)
                let lines = invoice.lines.map {
                    YearStatement.line($0.span, $0.from.seconds, $0.to.seconds, $0.amount, $0.tax)
                }
                invoices["\(customer.id) \(summary.month)", default: []] += [head] + lines
                numbers.append(summary.number)
                self.lines += lines.count
            }
        }
        numbers.sort()
    }

    /// The first few invoices that are not as expected, missing or too many.
    func differences(from expected: [String: [String]]) -> [String] {
        Set(invoices.keys).union(expected.keys).sorted()
            .filter { invoices[$0] != expected[$0] }.prefix(3)
            .map { "\($0): \(invoices[$0] ?? []) against \(expected[$0] ?? [])" }
    }
}

extension YearStatement {
    /// The oracle's lines by account and month, without those of months that cost nothing: they get no invoice.
    static func issued(_ lines: [String]) -> [String: [String]] {
        var statements: [String: [String]] = [:]
        var key = ""
        for line in lines {
            let words = line.split(separator: " ")
            if words[0].hasPrefix("ac_") { key = "\(words[0]) \(words[1])" }
            statements[key, default: []].append(line)
        }
        return statements.filter { !$0.value[0].hasSuffix(" total 0") }
    }
}
