/// What an order of a name would cost if it were given now.
package struct PurchaseQuote: Hashable, Sendable {
    package let name: DomainName
    package let years: Int
    /// Of all years; nothing for a name that comes back.
    package let price: Money
    /// What its invoice would come to: with the tax, where that goes on top.
    package let total: Money
    /// For each year after, as prices are now.
    package let renewal: Money
}
