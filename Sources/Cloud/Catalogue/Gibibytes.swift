/// A size in units of 2^30 bytes; the catalogue's `GB`.
package struct Gibibytes: Hashable, Comparable, Sendable, Codable {
    package let count: Int

    package init(_ count: Int) {
        self.count = count
    }

    package var bytes: Int64 { Int64(count) << 30 }

    package static func < (left: Self, right: Self) -> Bool { left.count < right.count }
}

/// A size in units of 2^20 bytes; the catalogue's `MB`.
package struct Mebibytes: Hashable, Comparable, Sendable, Codable {
    package let count: Int

    package init(_ count: Int) {
        self.count = count
    }

    package var bytes: Int64 { Int64(count) << 20 }

    package static func < (left: Self, right: Self) -> Bool { left.count < right.count }
}
