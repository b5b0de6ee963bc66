import Cloud
import HTTPTypes

extension Router {
    static func operatorPages(of cloud: Cloud) -> [Route] {
        let overview = OperatorOverview(cloud: cloud)
        let accounts = OperatorAccounts(
            operators: cloud.operators, accounts: cloud.accounts, servers: cloud.servers,
            calendar: cloud.billing.terms.calendar)
        return [
            .page(.get, "/operator", .operator, .unlimited, overview.show),
            .page(.post, "/operator/work/{id}/retry", .operator, .unlimited, overview.retry),
            .page(.get, "/operator/catalogue", .operator, .unlimited, overview.catalogue),
            .page(.get, "/operator/log", .operator, .unlimited, overview.log),
            .page(.get, "/operator/accounts", .operator, .unlimited, accounts.list),
            .page(.get, "/operator/accounts/{id}", .operator, .unlimited, accounts.show),
            .page(.post, "/operator/accounts/{id}/limits", .operator, .unlimited, accounts.setLimits),
            .page(.post, "/operator/accounts/{id}/suspend", .operator, .unlimited, accounts.suspend),
            .page(.post, "/operator/accounts/{id}/resume", .operator, .unlimited, accounts.resume),
        ]
    }
}

/// The menu of the operators' pages.
enum OperatorMenu {
    static func head(_ title: String, at here: String) -> HTML {
        let places: [(String, Link)] = [
            ("Overview", "/operator"), ("Accounts", "/operator/accounts"), ("Catalogue", "/operator/catalogue"),
            ("Log", "/operator/log"),
        ]
        let links = places.map { words, link -> HTML in
            #"<a href="\#(link)"\#(words == here ? #" aria-current="page""# : .empty)>\#(words)</a>"#
        }
        return """
            <div class="head"><h1>\(title)</h1><nav class="parts" aria-label="Operator">\(links)</nav></div>
            """
    }
}
