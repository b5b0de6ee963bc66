import Cloud
import Fakes

/// What the product charges for a year, in the words of `scripts/billing_oracle.py`.
enum YearStatement {
    static func lines(of year: BusinessYear, tax: GoodsAndServicesTax) -> [String] {
        let periods = year.months.map(year.calendar.period(of:))
        return year.customers.flatMap { customer in
            let spans = customer.spans
            return periods.flatMap { lines(of: customer.id, Proration.lines(of: spans, in: $0), $0, tax) }
        }
    }

    private static func lines(
        of account: AccountID, _ lines: [UsageLine], _ period: Period, _ tax: GoodsAndServicesTax
    ) -> [String] {
        guard !lines.isEmpty else { return [] }
        let amounts = lines.map(\.amount)
        let sum = amounts.reduce(.zero, +)
        let parts = tax.parts(of: tax.tax(on: sum), over: amounts)
        let first = head(account, period.month.description, sum, tax.tax(on: sum), tax.total(of: sum))
        return [first] + zip(lines, parts).map { line($0.span.id, $0.from, $0.to, $0.amount, $1) }
    }

    static func head(_ account: AccountID, _ month: String, _ sum: Money, _ tax: Money, _ total: Money) -> String {
        "\(account) \(month) sum \(sum.cents) tax \(tax.cents) total \(total.cents)"
    }

    static func line(_ span: String, _ from: Int64, _ to: Int64, _ amount: Money, _ tax: Money) -> String {
        "\(span) \(from) \(to) cents \(amount.cents) tax \(tax.cents)"
    }
}
