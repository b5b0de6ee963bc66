/// Puts sets together from parts that may each have some of the values.
struct RecordGathering {
    private struct Part {
        let key: RecordKey
        var ttl: Int
        var values: [String]
    }

    private var places: [RecordKey: Int] = [:]
    private var parts: [Part] = []

    /// In the order in which their first parts came. Sorted once, because a list may be one long set.
    var sets: [RecordSet] {
        parts.map { RecordSet(name: $0.key.name, type: $0.key.type, ttl: $0.ttl, uniquing: $0.values) }
    }

    /// - Returns: the TTL that earlier parts of the set have, if it is another one; the values are added anyway.
    mutating func add(_ set: RecordSet) -> Int? {
        guard let place = places[set.key] else {
            places[set.key] = parts.count
            parts.append(Part(key: set.key, ttl: set.ttl, values: set.values))
            return nil
        }
        parts[place].values += set.values
        return parts[place].ttl == set.ttl ? nil : parts[place].ttl
    }

    /// DNS has one TTL for a set: the shortest is the one nobody minds.
    mutating func lower(_ key: RecordKey, to ttl: Int) {
        guard let place = places[key] else { return }
        parts[place].ttl = min(parts[place].ttl, ttl)
    }
}
