/// Which of an account's servers are asked for, and how many at a time.
package struct ServerQuery: Hashable, Sendable {
    /// Nil: in any state but terminated.
    package var states: Set<ServerState>?
    /// The exact name.
    package var name: String?
    /// A part of the name, whatever its case.
    package var search: String?
    package var region: RegionID?
    package var plan: PlanID?
    /// Between 1 and 200; nil: all, or `PageLimit.most` behind a cursor.
    package var limit: Int?
    /// Where the page before ended, as `ServerPage.next` said.
    package var cursor: ServerCursor?

    package init() {}

    /// Whether a part of the list is asked for, and not the whole.
    package var isPaged: Bool { limit != nil || cursor != nil }
}

/// A part of a list, oldest first.
package struct ServerPage: Sendable {
    package let servers: [Server]
    /// What they have cost, at the same moment.
    package let costs: ServerCosts
    /// The `cursor` of the page behind; nil when this is the last.
    package let next: ServerCursor?
}

/// The parameters of a list as a customer wrote them.
package enum ServerParameter: String, CaseIterable, Sendable {
    case limit
    case cursor
    case state
    case name
    case region
    case plan
}

extension ServerQuery {
    /// - Throws: `Refusal.invalid` that names every parameter at fault and what is allowed.
    package init(_ texts: [ServerParameter: String], in catalogue: Catalogue) throws {
        // Nearly every request asks for the whole list.
        if texts.isEmpty { return }
        var faults: [String: String] = [:]
        func read<Value>(
            _ parameter: ServerParameter, _ rule: @autoclosure () -> String, _ parse: (String) -> Value?
        ) -> Value? {
            guard let text = texts[parameter] else { return nil }
            let value = parse(text)
            if value == nil { faults[parameter.rawValue] = rule() }
            return value
        }
        limit = read(.limit, PageLimit.rule, PageLimit.read)
        cursor = read(.cursor, "must be the \"next\" of an answer", ServerCursor.init)
        states = read(.state, "must be of \(Self.list(ServerState.allCases.map(\.rawValue))), with commas", Self.states)
        name = read(.name, ServerName.rule) { ServerName.isValid($0) ? $0 : nil }
        region = read(.region, "must be one of \(Self.list(catalogue.regions.map(\.id.text)))") {
            catalogue.region(RegionID($0))?.id
        }
        plan = read(.plan, "must be one of \(Self.list(catalogue.plans.map(\.id.text)))") {
            catalogue.plan(PlanID($0))?.id
        }
        guard faults.isEmpty else {
            let parts = faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            throw Refusal(
                .invalid, "The list cannot be asked for like this: " + parts.joined(separator: "; "), fields: faults)
        }
    }

    private static func states(_ text: String) -> Set<ServerState>? {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let states = words.compactMap { ServerState(rawValue: String($0)) }
        return states.count == words.count ? Set(states) : nil
    }

    private static func list(_ words: [String]) -> String {
        words.joined(separator: ", ")
    }
}
