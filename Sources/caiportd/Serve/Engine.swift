import Cloud
import Kernel
import Logging
import Providers

/// What makes the machines, what it wants done every minute, and what ends what it began besides machines.
struct Engine: Sendable {
    let machines: any Machines
    var upkeep: @Sendable () async -> Void = {}
    var stop: @Sendable () async -> Void = {}
}

extension Engine {
    /// The machines of an installation, for somebody who only looks at them.
    static func machines(
        _ compute: Compute, in directory: DataDirectory, _ database: any Database, time: SystemTime, logger: Logger
    ) -> any Machines {
        switch compute {
        case .simulated: SimulatedMachines(database: database, time: time, bootTime: .zero)
        case .qemu:
            QEMUMachines(
                settings: QEMUSettings(dataDirectory: directory.path),
                images: ImageStore(cache: ImageStore.defaultCache, time: time, logger: logger), time: time,
                randomness: SystemRandomness(), logger: logger)
        }
    }
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
