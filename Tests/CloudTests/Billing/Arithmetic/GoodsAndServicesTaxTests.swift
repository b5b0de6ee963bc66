import Cloud
import Fakes
import Testing

@Suite struct GoodsAndServicesTaxTests {
    private static let seed = ProofSize.seed(of: "GoodsAndServicesTaxTests")

    @Test func anEleventhIsContainedAndATenthIsAdded() {
        let sum = Money(cents: 3900)
        #expect(GoodsAndServicesTax.inclusive.tax(on: sum).cents == 355)
        #expect(GoodsAndServicesTax.inclusive.total(of: sum).cents == 3900)
        #expect(GoodsAndServicesTax.exclusive.tax(on: sum).cents == 390)
        #expect(GoodsAndServicesTax.exclusive.total(of: sum).cents == 4290)
        #expect(GoodsAndServicesTax.none.tax(on: sum) == .zero)
        #expect(GoodsAndServicesTax.none.total(of: sum).cents == 3900)
    }

    @Test func isTheNearestCentAndAHalfGoesUp() {
        for cents in Int64(0)...20_000 {
            let inclusive = GoodsAndServicesTax.inclusive.tax(on: Money(cents: cents)).cents
            #expect(abs(11 * inclusive - cents) <= 5, "an eleventh of \(cents)")
            let exclusive = GoodsAndServicesTax.exclusive.tax(on: Money(cents: cents)).cents
            #expect((-4...5).contains(10 * exclusive - cents), "a tenth of \(cents)")
        }
    }

    /// A sum that is a month's: at least a cent for each cent of tax.
    @Test(arguments: GoodsAndServicesTax.allCases)
    func thePartsAddUpAndAreWithinACentOfExact(tax: GoodsAndServicesTax) {
        let randomness = SeededRandomness(seed: Self.seed)
        var faults: [String] = []
        for _ in 0..<(ProofSize.isFull ? 50_000 : 2_500) where faults.count < 5 {
            let lines = (0...randomness.element(of: [0, 1, 2, 5, 30])).map { _ in
                Money(cents: Int64(randomness.number(below: randomness.element(of: [1, 3, 20, 4_000, 2_000_000]))))
            }
            let sum = lines.reduce(Money.zero, +)
            let whole = tax.tax(on: sum)
            let parts = tax.parts(of: whole, over: lines)
            let addUp = parts.count == lines.count && parts.reduce(Money.zero, +) == whole
            let areNear = zip(lines, parts).allSatisfy { line, part in
                sum == .zero ? part == .zero : abs(part.cents * sum.cents - whole.cents * line.cents) < sum.cents
            }
            if !addUp || !areNear { faults.append("\(lines.map(\.cents)): \(parts.map(\.cents)) of \(whole.cents)") }
        }
        #expect(faults == [], "CAIPORT_SEED=\(Self.seed)")
    }

    @Test func theLargestRemainderGoesFirstAndAmongEqualsTheEarlierLine() {
        let tax = GoodsAndServicesTax.inclusive
        func parts(_ lines: [Int64]) -> [Int64] {
            let lines = lines.map(Money.init(cents:))
            return tax.parts(of: tax.tax(on: lines.reduce(.zero, +)), over: lines).map(\.cents)
        }
        #expect(parts([100, 100, 100]) == [9, 9, 9])
        #expect(parts([50, 50]) == [5, 4])
        #expect(parts([16, 17]) == [1, 2])
        #expect(parts([0, 0]) == [0, 0])
        #expect(parts([]) == [])
    }
}
