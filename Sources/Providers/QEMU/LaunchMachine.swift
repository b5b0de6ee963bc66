import Cloud
import Foundation
import Kernel

extension QEMUMachines {
    package func launch(_ specification: MachineSpecification) async throws -> Launch {
        let server = specification.server
        try refuseBurned(server)
        let account = try await GuestAccount.obtain()
        let directory = folder.directory(of: server)
        let disk = GuestDisk(directory: directory, account: account)

        // A machine that has its disk needs its image no more.
        var base: BaseImage?
        if try !disk.exists {
            switch try await images.obtain(specification.image) {
            case .ready(let image): base = image
            case .preparing(let progress): return .preparing(progress)
            }
        }
        if let base, try await !BaseFiles(machines: folder, account: account).areAtHand(base, copies: copies) {
            return .preparing("Copying the image into the data directory")
        }
        guard let accelerator = try await accelerator(for: specification, base: base, account: account) else {
            return .preparing("Finding out how machines run fastest on this host.")
        }
        return try await locks.withLock(server) {
            try TimeLimit.requireTimeLeft(by: time)
            return try await launchAlone(specification, base: base, accelerator: accelerator, account: account)
        }
    }

    /// The best accelerator; nil while it is being found out.
    private func accelerator(
        for specification: MachineSpecification, base: BaseImage?, account: GuestAccount
    ) async throws -> Accelerator? {
        if let base { return try await accelerators.accelerator(kernel: base.kernel, account: account) }
        // The kernel that stands in the machine's own directory is not asked about: a guest that has broken out
        // may have put anything in its place.
        if let known = try await accelerators.known(account: account) { return known }
        guard case .ready(let image)? = try? await images.obtain(specification.image) else { return .tcg }
        return try await accelerators.accelerator(kernel: image.kernel, account: account)
    }

    private func launchAlone(
        _ specification: MachineSpecification, base: BaseImage?, accelerator: Accelerator, account: GuestAccount
    ) async throws -> Launch {
        let server = specification.server
        try refuseBurned(server)
        let directory = folder.directory(of: server)
        let process = GuestProcess(directory: directory, time: time)
        guard try await clears(process) else { return .started(readyAfter: accelerator.shortestBoot) }
        CrashPoint.reach("qemu.launch.cleared")
        switch try admission.enter(server, size: specification.size, turn: specification.turn) {
        case .queued: return .queued
        case .full(let shortage): throw MachineError(.noCapacity, shortage)
        case .admitted: break
        }
        defer { admission.leave(server) }

        // Another launch may have made the disk meanwhile: then its base stays.
        let base = try GuestDisk(directory: directory, account: account).exists ? nil : base
        var record = try prepare(specification, base: base, account: account)
        try await equip(directory, for: specification, base: base, account: account)
        record.size = specification.size
        if let base { record.commandLine = base.commandLine }
        try await start(record, accelerator: accelerator, account: account)
        return .started(readyAfter: accelerator.shortestBoot)
    }

    /// Ends a process whose guest has ended, or that has no lock: it is from a directory that is no more, or ends
    /// just now. False when the machine is on.
    private func clears(_ process: GuestProcess) async throws -> Bool {
        if try process.holdsLock {
            switch try await process.guestStatus() {
            case .on, .held: return false
            case .shutDown: noteOrderlyEnd(in: process.directory)
            case .crashed, nil: break
            }
        }
        guard try await process.cut() else {
            throw MachineError(.unknownOutcome, "an earlier process of \(process.directory.server) does not end")
        }
        return true
    }

    /// From a record to a QEMU that answers.
    private func start(_ record: MachineRecord, accelerator: Accelerator, account: GuestAccount) async throws {
        let directory = folder.directory(of: record.server)
        var record = record
        record.serialOffset = try serialStart(of: directory, account: account)
        record.launchedAt = time.now
        record.launchedAfter = time.elapsed
        record.booted = false
        record.endedInOrder = nil
        try directory.save(record)
        CrashPoint.reach("qemu.launch.recorded")

        let isolation = await isolation(for: account)
        // The last look before there is a process: a destroy that began meanwhile waits for our lock.
        try refuseBurned(record.server)
        let command = QEMUCommand(
            directory: directory, record: record, accelerator: accelerator, isolation: isolation)
        unlink(directory.log)
        try await startDetached(command.arguments(for: account), directory: directory.guest, log: directory.log)
        CrashPoint.reach("qemu.launch.started")
        try await awaitAnswer(of: GuestProcess(directory: directory, time: time))
    }

    func refuseBurned(_ server: ServerID) throws(MachineError) {
        let isBurned: Bool
        do throws(HostError) {
            isBurned = try folder.isBurned(server)
        } catch {
            throw error.asMachineError
        }
        guard isBurned else { return }
        throw MachineError(.refused, "\(server) was destroyed")
    }

    /// Directory, host key, address and record.
    private func prepare(
        _ specification: MachineSpecification, base: BaseImage?, account: GuestAccount
    ) throws -> MachineRecord {
        let directory = folder.directory(of: specification.server)
        do {
            try directory.make(for: account)
        } catch {
            throw error.asMachineError
        }
        CrashPoint.reach("qemu.launch.directory")
        if let record = try directory.record() {
            if record.address.isFree { return record }
            // Customers know the address of a machine that has booted: it is waited for, not exchanged.
            guard !record.everBooted else {
                throw MachineError(.broken, "another program has a port of \(record.address.ip), \(record.server)'s")
            }
        }
        let known = try directory.record()
        guard let commandLine = base?.commandLine ?? known?.commandLine else {
            throw MachineError(.broken, "\(specification.server) has a disk but no record")
        }
        let hostKey = try known?.hostKey ?? makeHostKey(in: directory)
        CrashPoint.reach("qemu.launch.key")
        var made: MachineRecord?
        try admission.assignAddress(in: settings.addressRange) { address throws(MachineError) in
            let record = MachineRecord(
                server: specification.server, size: specification.size, commandLine: commandLine, address: address,
                hostKey: hostKey, launchedAt: nil, serialOffset: 0, booted: false, everBooted: false)
            try directory.save(record)
            made = record
        }
        CrashPoint.reach("qemu.launch.address")
        guard let made else { throw MachineError(.broken, "\(specification.server) got no record") }
        return made
    }

    private func makeHostKey(in directory: MachineDirectory) throws(MachineError) -> String {
        do {
            let key = try HostKey(from: randomness)
            try writeFile(Array(key.privateFile.exposed.utf8), to: directory.privateKey, scratch: directory.path)
            return key.publicLine
        } catch {
            throw MachineError(.broken, "host key of \(directory.server): \(error)")
        }
    }

    /// Base, disk and seed.
    private func equip(
        _ directory: MachineDirectory, for specification: MachineSpecification, base: BaseImage?,
        account: GuestAccount
    ) async throws {
        if let base { try await BaseFiles(machines: folder, account: account).link(base, into: directory) }
        CrashPoint.reach("qemu.launch.base")
        let disk = GuestDisk(directory: directory, account: account)
        if try !disk.exists { try await disk.make(specification.size.storage) }
        try await disk.grow(to: specification.size.storage)
        CrashPoint.reach("qemu.launch.disk")
        try GuestSeed(directory: directory, account: account).write(specification)
        CrashPoint.reach("qemu.launch.seed")
    }

    private func serialStart(of directory: MachineDirectory, account: GuestAccount) throws(MachineError) -> Int64 {
        do throws(HostError) {
            return try SerialLog(directory: directory).compact(for: account)
        } catch {
            throw error.asMachineError
        }
    }

    /// Waits until QEMU answers, which it does within a second on an idle host.
    ///
    /// - Throws: `MachineError` with QEMU's own words when it ended instead.
    private func awaitAnswer(of process: GuestProcess) async throws {
        for _ in 0..<100 {
            if let answer = try? await process.converse() {
                withExtendedLifetime(answer) {}
                return
            }
            guard try process.exists else {
                let log = (try? readFile(process.directory.log)) ?? []
                let words = String(decoding: log.suffix(2000), as: UTF8.self)
                throw MachineError(
                    words.contains("annot allocate memory") ? .noCapacity : .broken, "QEMU did not start: \(words)")
            }
            try await time.sleep(for: .milliseconds(100))
        }
    }
}
