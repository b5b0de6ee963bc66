/// What makes one zone of another, set by set: what a dry run shows, the history keeps, and a revert undoes.
package struct ZoneDifference: Sendable, Hashable, Codable {
    package struct Change: Sendable, Hashable, Codable {
        package let before: RecordSet
        package let after: RecordSet

        package init(before: RecordSet, after: RecordSet) {
            self.before = before
            self.after = after
        }
    }

    package let added: [RecordSet]
    package let removed: [RecordSet]
    /// Of the same name and type.
    package let changed: [Change]

    package init(added: [RecordSet] = [], removed: [RecordSet] = [], changed: [Change] = []) {
        self.added = added
        self.removed = removed
        self.changed = changed
    }

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }

    /// What undoes it.
    package var inverse: ZoneDifference {
        ZoneDifference(
            added: removed, removed: added, changed: changed.map { Change(before: $0.after, after: $0.before) })
    }
}
