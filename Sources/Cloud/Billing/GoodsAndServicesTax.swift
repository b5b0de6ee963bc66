/// How an operator's prices stand to Australia's goods and services tax of ten per cent.
package enum GoodsAndServicesTax: String, CaseIterable, Sendable {
    /// Prices contain it: an eleventh of what is paid.
    case inclusive
    /// It comes on top of the prices.
    case exclusive
    /// The operator is not registered: none is charged, and an invoice is no tax invoice.
    case none

    /// The tax on lines that add up to `sum`, rounded once, half a cent up; never negative.
    package func tax(on sum: Money) -> Money {
        switch self {
        case .inclusive: Money(cents: (2 * sum.cents + 11) / 22)
        case .exclusive: Money(cents: (2 * sum.cents + 10) / 20)
        case .none: .zero
        }
    }

    /// What is to be paid for lines that add up to `sum`.
    package func total(of sum: Money) -> Money {
        self == .exclusive ? sum + tax(on: sum) : sum
    }

    /// Each line's part of the tax on their sum, by the largest remainder: the parts add up to it, and none is a
    /// cent or more from its exact share. Among equal remainders the earlier line goes first.
    package func parts(of tax: Money, over lines: [Money]) -> [Money] {
        let sum = lines.reduce(Money.zero, +).cents
        guard sum > 0 else { return lines.map { _ in .zero } }
        var parts = lines.map { tax.cents * $0.cents / sum }
        let missing = Int(tax.cents - parts.reduce(0, +))
        let byRemainder = lines.indices.sorted { left, right in
            let (first, second) = (tax.cents * lines[left].cents % sum, tax.cents * lines[right].cents % sum)
            return first != second ? first > second : left < right
        }
        for place in byRemainder.prefix(missing) { parts[place] += 1 }
        return parts.map(Money.init(cents:))
    }
}
