import Cloud
import Kernel

/// What names cost.
extension Settings {
    static let domainPrices = Setting(
        "domain-prices", "ENDING=CENTS,…",
        "Prices of names by ending, per year: REGISTER, REGISTER/RENEW or REGISTER/RENEW/TRANSFER; off sells none.",
        fallback: ""
    ) { text throws(BadValue) in
        var offers = TopLevelDomain.builtIn
        var told: Set<String> = []
        for part in list(text) {
            let (ending, offer) = try offer(part)
            guard told.insert(ending).inserted else { throw BadValue(rule: "must name each ending once") }
            let place = offers.firstIndex { $0.suffix == ending }
            switch (place, offer) {
            case (let place?, let offer?): offers[place] = offer
            case (let place?, nil): offers.remove(at: place)
            case (nil, let offer?): offers.append(offer)
            case (nil, nil): break
            }
        }
        guard !offers.isEmpty else { throw BadValue(rule: "must leave an ending to be sold") }
        return offers
    }

    private static let pricesRule =
        "must be endings with cents, such as com=2195,com.au=1995/1995/0 or io=off, with commas"

    /// A thousand dollars a year times the hundred is beyond any name; sums of it never overflow.
    private static let highest: Int64 = 10_000_000

    private static func offer(_ text: String) throws(BadValue) -> (ending: String, offer: TopLevelDomain?) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw BadValue(rule: pricesRule) }
        let ending = parts[0].lowercased()
        // A host name below it is one exactly if it is an ending.
        guard isHostName("name." + ending) else { throw BadValue(rule: pricesRule) }
        if parts[1] == "off" { return (ending, nil) }
        var prices: [Money] = []
        for price in parts[1].split(separator: "/", omittingEmptySubsequences: false) {
            guard let cents = Int64(price), (0...highest).contains(cents), price.utf8.first != UInt8(ascii: "+") else {
                throw BadValue(rule: pricesRule)
            }
            prices.append(Money(cents: cents))
        }
        guard (1...3).contains(prices.count) else { throw BadValue(rule: pricesRule) }
        let renewal = prices.count > 1 ? prices[1] : prices[0]
        return (
            ending,
            .priced(
                ending, registration: prices[0], renewal: renewal, transfer: prices.count > 2 ? prices[2] : renewal)
        )
    }
}
