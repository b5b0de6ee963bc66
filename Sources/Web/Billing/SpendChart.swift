import Cloud

/// Bars of cents: drawn for who sees them, and a table of the same figures for everybody.
struct SpendChart {
    /// What stands at the left of a bar, and what it stands for.
    typealias Bar = (label: String, amount: Money)

    private static let height: Int64 = 120
    private static let width: Int64 = 720

    /// One upright bar for each day.
    static func days(_ days: [DaySpend], through lastDay: Int) -> HTML {
        let most = max(1, days.map(\.amount.cents).max() ?? 1)
        let step = width / Int64(max(lastDay, 1))
        let bars = days.enumerated().map { place, day -> HTML in
            let tall = max(day.amount > .zero ? 2 : 0, day.amount.cents * height / most)
            return """
                <rect class="bar" x="\(Int64(place) * step + 2)" y="\(height - tall)" width="\(max(2, step - 4))" \
                height="\(tall)" rx="2"><title>\(day.date): \(day.amount.text)</title></rect>
                """
        }
        let highest = Money(cents: most).text
        return """
            <figure class="chart"><svg viewBox="0 0 \(width) \(height + 2)" role="img" aria-labelledby="days-title">\
            <title id="days-title">Spend by day; the most in one day was \(highest)</title>\
            <line class="axis" x1="0" y1="\(height + 1)" x2="\(width)" y2="\(height + 1)"></line>\(bars)</svg>
            <figcaption>The highest day: \(highest)</figcaption>
            \(table("Day", days.map { ($0.date, $0.amount) }))</figure>
            """
    }

    /// One lying bar for each server.
    static func servers(_ servers: [Bar]) -> HTML {
        let most = max(1, servers.map(\.amount.cents).max() ?? 1)
        let rows = servers.map { server -> HTML in
            """
            <tr><th scope="row">\(server.label)</th><td class="grow"><svg viewBox="0 0 400 12" aria-hidden="true" \
            preserveAspectRatio="none"><rect class="bar" x="0" y="0" height="12" rx="2" \
            width="\(max(server.amount > .zero ? 2 : 0, server.amount.cents * 400 / most))"></rect></svg></td>
            <td class="number">\(server.amount.text)</td></tr>
            """
        }
        return """
            <table class="spend"><caption class="unseen">Spend by server</caption><tbody>\(rows)</tbody></table>
            """
    }

    private static func table(_ head: String, _ rows: [Bar]) -> HTML {
        let lines = rows.map { row -> HTML in
            #"<tr><td data-label="\#(head)">\#(row.label)</td><td data-label="Spend" class="number">\#(row.amount.text)</td></tr>"#
        }
        return """
            <details><summary>As a table</summary><table><thead><tr><th scope="col">\(head)</th>\
            <th scope="col" class="number">Spend</th></tr></thead><tbody>\(lines)</tbody></table></details>
            """
    }
}
