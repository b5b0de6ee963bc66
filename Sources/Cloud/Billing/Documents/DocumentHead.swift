import Kernel

/// What invoices and adjustment notes have in common: how they begin.
enum DocumentHead {
    /// The title, and facts each with its name.
    static func top(_ title: String, _ facts: [(name: String, value: String)]) -> HTML {
        .tag(
            "header", "",
            [
                .tag("h1", title),
                .tag(
                    "table", "class=\"facts\"",
                    facts.map { .tag("tr", .tag("th", $0.name), .tag("td", $0.value)) }),
            ])
    }

    static func parties(seller: Party, buyer: Party) -> HTML {
        .tag(
            "table", "class=\"parties\"",
            [
                .tag(
                    "tr", .tag("td", "", [.tag("h2", "From")] + party(seller)),
                    .tag("td", "", [.tag("h2", "To")] + party(buyer)))
            ])
    }

    private static func party(_ party: Party) -> [HTML] {
        var lines: [HTML] = []
        if !party.name.isEmpty { lines.append(.tag("p", "class=\"name\"", [.text(party.name)])) }
        if let number = party.businessNumber {
            lines.append(.tag("p", "ABN \(BusinessNumber(number)?.description ?? number)"))
        }
        lines += party.address.map { .tag("p", $0) }
        if !party.email.isEmpty { lines.append(.tag("p", party.email)) }
        return lines
    }
}
