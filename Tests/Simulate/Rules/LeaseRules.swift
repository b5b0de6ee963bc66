import Kernel
import Synchronization

/// Only the worker that claimed a workflow last may save it.
final class LeaseRules: Sendable {
    private let epochs = Mutex<[String: Int64]>([:])
    private let stage: Stage

    init(on stage: Stage) {
        self.stage = stage
    }

    /// Called after each commit.
    func check(_ writes: [Write], _ rows: [[Row]]) {
        for (write, rows) in zip(writes, rows) {
            switch "\(write.label)" {
            case "workflow.claim": for row in rows { claimed(row) }
            case "workflow.save": saved(write)
            default: break
            }
        }
    }

    private func claimed(_ row: Row) {
        guard let id = try? row.text("id"), let epoch = try? row.integer("epoch") else {
            return stage.isBroken("a claim does not say what was claimed")
        }
        epochs.withLock { $0[id] = epoch }
    }

    /// A save ends with the workflow's name and the epoch it was claimed in.
    private func saved(_ write: Write) {
        guard
            case (.text(let id)?, .integer(let epoch)?) = (write.sql.bindings.dropLast().last, write.sql.bindings.last)
        else { return stage.isBroken("a save does not say whose it is") }
        let current = epochs.withLock { $0[id] }
        if current != epoch { stage.isBroken("\(id) was saved by a worker that had lost it") }
    }
}
