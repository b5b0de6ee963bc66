/// Which of an account's servers are asked for, and how many at a time.
package struct ServerQuery: Hashable, Sendable {
    /// Nil: in any state but terminated.
    package var states: Set<ServerState>?
    /// The exact name.
    package var name: String?
    package var region: RegionID?
    package var plan: PlanID?
    /// Between 1 and 200; nil: all.
    package var limit: Int?
    /// Where the page before ended, as `ServerPage.next` said.
    package var cursor: String?

    package init() {}
}

/// A part of a list, oldest first.
package struct ServerPage: Sendable {
    package let servers: [Server]
    /// The `cursor` of the page behind; nil when this is the last.
    package let next: String?
}
