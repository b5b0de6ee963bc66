import Cloud
import Foundation

/// What an operator decides about machines on this host.
package struct QEMUSettings: Sendable {
    /// Machines are kept in `machines` of it. May be closed to everybody else.
    package var dataDirectory: String
    package var addressRange: LoopbackRange
    package var guestLAN: GuestLAN
    /// How many machines boot at a time.
    package var cores: Int
    /// How much memory running machines may have in all.
    package var memory: Mebibytes
    /// No machine is started when the data directory's disk has less than this to give.
    package var diskFloor: Gibibytes

    /// By default the addresses are in 127.10.0.0/16, guests reach no private network, and cores and memory
    /// are the host's.
    package init(
        dataDirectory: String, addressRange: LoopbackRange = .standard, guestLAN: GuestLAN = .deny, cores: Int? = nil,
        memory: Mebibytes? = nil, diskFloor: Gibibytes = Gibibytes(2)
    ) {
        self.dataDirectory = dataDirectory
        self.addressRange = addressRange
        self.guestLAN = guestLAN
        self.cores = max(1, cores ?? ProcessInfo.processInfo.activeProcessorCount)
        self.memory = memory ?? Mebibytes(Int(ProcessInfo.processInfo.physicalMemory >> 20))
        self.diskFloor = diskFloor
    }
}
