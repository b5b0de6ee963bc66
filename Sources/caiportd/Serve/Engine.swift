import Cloud
import Kernel
import Providers

/// What makes the machines, what it wants done every minute, and what ends what it began besides machines.
struct Engine: Sendable {
    let machines: any Machines
    var upkeep: @Sendable () async -> Void = {}
    var stop: @Sendable () async -> Void = {}
}

extension Daemon {
    func makeEngine(_ database: any Database) -> Engine {
        switch settings.compute {
        case .simulated:
            let machines = SimulatedMachines(database: database, time: time, bootTime: settings.simulatedBoot)
            return Engine(machines: machines, upkeep: { try? await machines.upkeep() })
        case .qemu:
            let images = ImageStore(cache: settings.imageCache, time: time, logger: logger)
            let machines = QEMUMachines(
                settings: QEMUSettings(
                    dataDirectory: settings.directory.path, addressRange: settings.addressRange,
                    guestLAN: settings.guestLAN),
                images: images, time: time, randomness: randomness, logger: logger)
            return Engine(
                machines: machines, upkeep: { await machines.upkeep() }, stop: { await images.stop() })
        }
    }
}
