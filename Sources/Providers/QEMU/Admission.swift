import Cloud
import Foundation
import Kernel
import Synchronization

/// Decides which machine may start now: memory, disk, and a place among those that boot.
///
/// All of it is derived from the machines' directories, locks and consoles; only the starts under way in
/// this very process, and who waits for one, are remembered.
package final class Admission: Sendable {
    /// After this long a machine that never became ready no longer keeps others from booting.
    static let bootLimit = Duration.seconds(300)
    /// Who has not asked again for this long waits no more.
    package static let patience = Duration.seconds(2)

    private struct Waiting {
        let turn: Instant
        /// As `Timekeeper.elapsed`.
        let asked: Duration
    }

    private struct State {
        var starting: [ServerID: MachineSize] = [:]
        var waiting: [ServerID: Waiting] = [:]
    }

    private let settings: QEMUSettings
    private let folder: MachinesFolder
    private let time: any Timekeeper
    private let state = Mutex(State())

    package init(settings: QEMUSettings, time: any Timekeeper) {
        self.settings = settings
        self.time = time
        folder = MachinesFolder(dataDirectory: settings.dataDirectory)
    }

    package enum Verdict: Hashable, Sendable { case admitted, queued, full(String) }

    /// - Parameter old: the size of a running machine that would make way.
    /// - Returns: false also when what runs cannot be told.
    func hasRoom(for size: MachineSize, insteadOf old: MachineSize?) -> Bool {
        let starting = state.withLock { $0.starting }
        guard var survey = try? survey(besides: nil, starting: starting) else { return false }
        survey.memory -= old?.ram.count ?? 0
        return shortage(for: size, survey: survey) == nil
    }

    /// Asks for a place. Who is admitted calls `leave` when its QEMU runs, or will not; who is queued asks again
    /// within `patience`, or loses its turn.
    ///
    /// - Parameter turn: of those that wait, the earliest are let in first.
    /// - Throws: `MachineError` when what runs cannot be told.
    package func enter(_ server: ServerID, size: MachineSize, turn: Instant) throws(MachineError) -> Verdict {
        try state.withLock { state throws(MachineError) in
            let now = time.elapsed
            state.waiting = state.waiting.filter { $0.key != server && now - $0.value.asked <= Self.patience }
            let survey = try survey(besides: server, starting: state.starting)
            if let shortage = shortage(for: size, survey: survey) { return .full(shortage) }
            let ahead = state.waiting.filter { ($0.value.turn, $0.key) < (turn, server) }.count
            guard survey.booting + ahead < settings.cores else {
                state.waiting[server] = Waiting(turn: turn, asked: now)
                return .queued
            }
            state.starting[server] = size
            return .admitted
        }
    }

    package func leave(_ server: ServerID) {
        state.withLock { _ = $0.starting.removeValue(forKey: server) }
    }

    /// An address for the machine, and its record with it: found and written down as one step, so that no two
    /// machines are given the same.
    ///
    /// - Throws: `MachineError`: `noCapacity` when there is none left.
    func assignAddress(
        in range: LoopbackRange, recording record: (LoopbackAddress) throws(MachineError) -> Void
    ) throws(MachineError) {
        try state.withLock { _ throws(MachineError) in
            var taken: Set<String> = []
            for server in try folder.servers() {
                if let ip = try folder.directory(of: server).intactRecord()?.address.ip { taken.insert(ip) }
            }
            guard let address = range.free(for: folder.path, taken: taken) else {
                throw MachineError(.noCapacity, "no loopback address is free")
            }
            try record(address)
        }
    }

    private struct Survey {
        var memory = 0
        var booting = 0
    }

    private func survey(besides excluded: ServerID?, starting: [ServerID: MachineSize]) throws(MachineError) -> Survey {
        var survey = Survey()
        for (server, size) in starting where server != excluded {
            survey.memory += size.ram.count
            survey.booting += 1
        }
        for server in try folder.servers() where server != excluded && starting[server] == nil {
            let directory = folder.directory(of: server)
            guard try GuestProcess(directory: directory, time: time).holdsLock,
                let record = try directory.intactRecord()
            else { continue }
            survey.memory += record.size.ram.count
            if isBooting(record, in: directory) { survey.booting += 1 }
        }
        return survey
    }

    private func isBooting(_ record: MachineRecord, in directory: MachineDirectory) -> Bool {
        guard !record.booted, record.endedInOrder != true, let launchedAt = record.launchedAt else { return false }
        let age = record.launchedAfter.map { time.elapsed - $0 } ?? (time.now - launchedAt)
        // A launch in the future is an older record's, and the clock was set back since.
        guard .zero <= age, age < Self.bootLimit else { return false }
        let line = MachineRecord.readyLine(of: record.server)
        let isReady = try? SerialLog(directory: directory).contains(line, after: record.serialOffset)
        return isReady != true
    }

    private func shortage(for size: MachineSize, survey: Survey) -> String? {
        if survey.memory + size.ram.count > settings.memory.count {
            return "machines have \(survey.memory) of \(settings.memory.count) MiB, and \(size.ram.count) are asked for"
        }
        return diskShortage()
    }

    /// What the disk lacks for guests to write on it; nil when it has room.
    func diskShortage() -> String? {
        var disk = statvfs()
        guard statvfs(settings.dataDirectory, &disk) == 0 else { return nil }
        let free = Int64(disk.f_bavail) * Int64(disk.f_frsize)
        return free < settings.diskFloor.bytes ? "\(settings.dataDirectory) has \(free >> 20) MiB left" : nil
    }
}
