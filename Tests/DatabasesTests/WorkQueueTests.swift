import Databases
import Kernel
import Testing

@Suite struct WorkQueueTests {
    @Test func letsRequestsOvertakeBackgroundWork() throws {
        let queue = WorkQueue<Int>(capacity: 1000)
        for number in 0..<500 { try queue.add(number, urgency: .background) }
        try queue.add(1000, urgency: .request)
        try queue.add(1001, urgency: .request)
        #expect(queue.take(upTo: 256) == [1000, 1001] + Array(0..<64))
    }

    @Test func keepsAQuarterOfABatchForBackgroundWork() throws {
        let queue = WorkQueue<Int>(capacity: 1000)
        for number in 0..<300 { try queue.add(number, urgency: .request) }
        for number in 1000..<1100 { try queue.add(number, urgency: .background) }
        #expect(queue.take(upTo: 256) == Array(0..<192) + Array(1000..<1064))
        #expect(queue.take(upTo: 256) == Array(192..<300) + Array(1064..<1100))
    }

    @Test func keepsEveryEighthPlaceForBackgroundWork() throws {
        let queue = WorkQueue<Int>(capacity: 1000)
        for number in 0..<20 { try queue.add(number, urgency: .request) }
        for number in 100..<102 { try queue.add(number, urgency: .background) }
        let taken = (0..<22).flatMap { _ in queue.take(upTo: 1) }
        #expect(taken == Array(0..<7) + [100] + Array(7..<14) + [101] + Array(14..<20))
    }

    @Test func refusesWhatDoesNotFit() throws {
        let queue = WorkQueue<Int>(capacity: 2)
        try queue.add(1, urgency: .background)
        try queue.add(2, urgency: .background)
        #expect(throws: DatabaseUnavailable.self) { try queue.add(3, urgency: .background) }
        try queue.add(4, urgency: .request)
        #expect(queue.take(upTo: 100) == [4, 1, 2])
        try queue.add(5, urgency: .background)
        #expect(queue.take(upTo: 100) == [5])
    }

    @Test func putsWhatIsGivenBackBeforeTheOthers() throws {
        let queue = WorkQueue<Int>(capacity: 2)
        for number in 1...2 { try queue.add(number, urgency: .request) }
        for number in 11...12 { try queue.add(number, urgency: .background) }
        #expect(queue.take(upTo: 1) == [1])
        try queue.add(3, urgency: .request)
        queue.giveBack(1, urgency: .request)
        queue.giveBack(10, urgency: .background)
        queue.close()
        queue.giveBack(0, urgency: .request)
        #expect(queue.take(upTo: 7) == [0, 1, 2, 3, 10])
        #expect(queue.take(upTo: 7) == [11])
    }

    @Test func finishesWhatWaitsWhenClosed() throws {
        let queue = WorkQueue<Int>(capacity: 10)
        try queue.add(1, urgency: .background)
        queue.close()
        #expect(throws: DatabaseUnavailable.self) { try queue.add(2, urgency: .request) }
        #expect(queue.take(upTo: 1) == [1])
        #expect(queue.take(upTo: 1) == [])
    }
}
