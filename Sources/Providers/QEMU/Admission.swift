import Cloud
import Foundation
import Kernel
import Synchronization

/// Decides which machine may start now: memory, disk, and a place among those that boot.
///
/// All of it is derived from the machines' directories, locks and consoles; only the starts under way in
/// this very process are remembered.
final class Admission: Sendable {
    /// After this long a machine that never became ready no longer keeps others from booting.
    static let bootLimit = Duration.seconds(300)

    private let settings: QEMUSettings
    private let folder: MachinesFolder
    private let time: any Timekeeper
    private let starting = Mutex<[ServerID: MachineSize]>([:])

    init(settings: QEMUSettings, folder: MachinesFolder, time: any Timekeeper) {
        self.settings = settings
        self.folder = folder
        self.time = time
    }

    enum Verdict { case admitted, queued, full(String) }

    func hasRoom(for size: MachineSize) -> Bool {
        let starting = starting.withLock { $0 }
        return shortage(for: size, survey: survey(besides: nil, starting: starting)) == nil
    }

    /// Asks for a place. Who is admitted calls `leave` when its QEMU runs, or will not.
    func enter(_ server: ServerID, size: MachineSize) -> Verdict {
        starting.withLock { starting in
            let survey = survey(besides: server, starting: starting)
            if let shortage = shortage(for: size, survey: survey) { return .full(shortage) }
            guard survey.booting < settings.cores else { return .queued }
            starting[server] = size
            return .admitted
        }
    }

    func leave(_ server: ServerID) {
        starting.withLock { _ = $0.removeValue(forKey: server) }
    }

    /// An address for the machine, and its record with it: found and written down as one step, so that no two
    /// machines are given the same.
    ///
    /// - Throws: `MachineError`: `noCapacity` when there is none left.
    func assignAddress(
        in range: LoopbackRange, recording record: (LoopbackAddress) throws(MachineError) -> Void
    ) throws(MachineError) {
        try starting.withLock { _ throws(MachineError) in
            let taken = folder.servers().compactMap { try? folder.directory(of: $0).record()?.address.ip }
            guard let address = range.free(for: folder.path, taken: Set(taken)) else {
                throw MachineError(.noCapacity, "no loopback address is free")
            }
            try record(address)
        }
    }

    private struct Survey {
        var memory = 0
        var booting = 0
    }

    private func survey(besides excluded: ServerID?, starting: [ServerID: MachineSize]) -> Survey {
        var survey = Survey()
        for (server, size) in starting where server != excluded {
            survey.memory += size.ram.count
            survey.booting += 1
        }
        for server in folder.servers() where server != excluded && starting[server] == nil {
            let directory = folder.directory(of: server)
            guard GuestProcess(directory: directory, time: time).holdsLock, let record = try? directory.record() else {
                continue
            }
            survey.memory += record.size.ram.count
            if isBooting(record, in: directory) { survey.booting += 1 }
        }
        return survey
    }

    private func isBooting(_ record: MachineRecord, in directory: MachineDirectory) -> Bool {
        guard !record.booted, let launchedAt = record.launchedAt, time.now - launchedAt < Self.bootLimit else {
            return false
        }
        let line = MachineRecord.readyLine(of: record.server)
        let isReady = try? SerialLog(directory: directory).contains(line, after: record.serialOffset)
        return isReady != true
    }

    private func shortage(for size: MachineSize, survey: Survey) -> String? {
        if survey.memory + size.ram.count > settings.memory.count {
            return "machines have \(survey.memory) of \(settings.memory.count) MiB, and \(size.ram.count) are asked for"
        }
        var disk = statvfs()
        if statvfs(settings.dataDirectory, &disk) == 0 {
            let free = Int64(disk.f_bavail) * Int64(disk.f_frsize)
            if free < settings.diskFloor.bytes { return "\(settings.dataDirectory) has \(free >> 20) MiB left" }
        }
        return nil
    }
}
