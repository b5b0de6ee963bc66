import Cloud
import Kernel
import Providers

/// What makes the machines, and what it wants done every minute.
struct Engine: Sendable {
    let machines: any Machines
    let upkeep: (@Sendable () async -> Void)?
}

extension Daemon {
    func makeEngine(_ database: any Database) -> Engine {
        switch settings.compute {
        case .simulated:
            return Engine(
                machines: SimulatedMachines(database: database, time: time, bootTime: settings.simulatedBoot),
                upkeep: nil)
        case .qemu:
            let images = ImageStore(cache: settings.imageCache, time: time, randomness: randomness, logger: logger)
            let machines = QEMUMachines(
                settings: QEMUSettings(
                    dataDirectory: settings.directory.path, addressRange: settings.addressRange,
                    guestLAN: settings.guestLAN),
                images: images, time: time, randomness: randomness, logger: logger)
            return Engine(machines: machines, upkeep: { await machines.upkeep() })
        }
    }
}
