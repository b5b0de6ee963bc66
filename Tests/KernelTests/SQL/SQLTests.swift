import Kernel
import Testing

@Suite struct SQLTests {
    @Test func aValueCanOnlyBecomeABinding() {
        let name = "'; DROP TABLE servers; --"
        let sql: SQL = "SELECT 1 WHERE name = \(name) AND age > \(5)"
        #expect(sql.questionMarked == "SELECT 1 WHERE name = ? AND age > ?")
        #expect(sql.numbered == "SELECT 1 WHERE name = $1 AND age > $2")
        #expect(sql.bindings == [.text(name), .integer(5)])
    }

    @Test func partsKeepTheirBindingsInOrder() {
        let part: SQL = "b = \("two")"
        let missing: Int64? = nil
        let sql: SQL = "a = \("one") AND \(part) AND c = \(missing) AND d IN (\(list: [3, 4]))"
        #expect(sql.numbered == "a = $1 AND b = $2 AND c = $3 AND d IN ($4, $5)")
        #expect(sql.bindings == [.text("one"), .text("two"), .null, .integer(3), .integer(4)])
    }

    @Test func anEmptyListEqualsNothing() {
        let none: [String] = []
        let sql: SQL = "a IN (\(list: none))"
        #expect(sql.questionMarked == "a IN (NULL)")
    }
}
