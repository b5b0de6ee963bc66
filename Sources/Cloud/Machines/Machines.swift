import Kernel

/// An engine that makes machines: QEMU on this host, a simulation, another cloud.
///
/// Every verb names the machine by its server's id and may be repeated: a repeat finds the machine the
/// first call made and goes on from there. The engine keeps no desire of its own; the database says what
/// should be, and workflows call these verbs until the engine agrees.
///
/// Stop, start, reboot and resize are all made of `powerDown` and `launch`: a reboot is a machine powered
/// down and launched again on its disk, a resize the same with another size. Only the disk of a resize grows
/// by `growDisk`, once the rest of the new size has proved itself: it could not be taken back.
package protocol Machines: Sendable {
    /// The engine's name in configuration, in `/v1/regions` and in the database, such as `qemu`.
    var name: String { get }

    /// Whether servers can be deployed from this image now. Answers at once, from what is known.
    func availability(of image: ImageID) -> ImageAvailability

    /// Whether the engine could take a machine of this size now: one more, or in place of one that is there.
    /// Answers at once; a yes is no promise.
    ///
    /// - Parameter old: the size of the machine that would grow or shrink; nil for one more.
    func hasRoom(for size: MachineSize, insteadOf old: MachineSize?) -> Bool

    /// Brings the machine towards booted with this specification: makes what is missing (image, disk,
    /// address), keeps what is there (the disk's contents, the address), grows the disk to the size, and
    /// powers on. Returns soon; a boot is followed with `observe`. On a machine that is already on it
    /// changes nothing.
    ///
    /// - Throws: `MachineError`.
    func launch(_ specification: MachineSpecification) async throws -> Launch

    /// What the machine is doing, or nil when there is none of this id. Looks at the machine itself: it is
    /// `ready` only when its SSH server answered just now.
    ///
    /// - Throws: `MachineError`.
    func observe(_ server: ServerID) async throws -> Machine?

    /// Grows the machine's disk to `size`, whether the machine is on or off; a disk that is as large already
    /// stays. A guest that is on sees the larger disk at once, and grows its root file system onto it by itself,
    /// soon after; one that is off does so when it next boots.
    ///
    /// - Throws: `MachineError`: also when there is no machine of this id, for none is made.
    func growDisk(of server: ServerID, to size: Gibibytes) async throws

    /// Asks the guest to shut down, or cuts the power. Returns at once; the guest may ignore a request
    /// (call again: each call repeats it). On a machine that is off or absent it changes nothing.
    ///
    /// - Throws: `MachineError`.
    func powerDown(_ server: ServerID, _ manner: PowerDown) async throws

    /// Ends the machine and everything it had: process, disk, address. Returns true when all of it is
    /// gone, false when some is still going (call again). A machine that never was is gone. A `launch`
    /// of the same id that is under way, or comes later, makes no machine that survives the next `destroy`.
    ///
    /// - Throws: `MachineError`.
    func destroy(_ server: ServerID) async throws -> Bool

    /// Every machine of this installation the engine knows of, whole or in pieces, at a glance: guests are
    /// not asked whether they answer.
    ///
    /// - Throws: `MachineError`.
    func inventory() async throws -> [Sighting]

    /// Where the machines of this installation are, on or off, at a glance. Changes nothing; without those that have
    /// no address yet.
    ///
    /// - Throws: `MachineError`.
    func addresses() async throws -> [ServerID: MachineAddress]

    /// The last part of the machine's serial console, at most 64 KiB, valid UTF-8; empty when there is none.
    ///
    /// - Throws: `MachineError`.
    func console(of server: ServerID) async throws -> String
}

package enum PowerDown: Sendable {
    /// The power button: the guest shuts itself down.
    case ask
    /// The plug.
    case cut
}

package enum ImageAvailability: Hashable, Sendable {
    case available
    /// The reason is a sentence for customers.
    case unavailable(reason: String)
}

/// What a machine is made of.
package struct MachineSize: Hashable, Sendable, Codable {
    package let vcpu: Int
    package let ram: Mebibytes
    package let storage: Gibibytes

    package init(vcpu: Int, ram: Mebibytes, storage: Gibibytes) {
        self.vcpu = vcpu
        self.ram = ram
        self.storage = storage
    }
}

/// Everything an engine needs to make a machine.
package struct MachineSpecification: Hashable, Sendable {
    package let server: ServerID
    /// The guest's hostname.
    package let hostname: String
    package let image: ImageID
    package let size: MachineSize
    package let region: RegionID
    /// The guest's user, which gets the keys and passwordless sudo.
    package let user: String
    /// OpenSSH public keys, one line each, already parsed and re-serialised.
    package let authorizedKeys: [String]
    /// Who waits for a turn to boot is let in by this, the earliest first.
    package let turn: Instant

    package init(
        server: ServerID, hostname: String, image: ImageID, size: MachineSize, region: RegionID, user: String,
        authorizedKeys: [String], turn: Instant
    ) {
        self.server = server
        self.hostname = hostname
        self.image = image
        self.size = size
        self.region = region
        self.user = user
        self.authorizedKeys = authorizedKeys
        self.turn = turn
    }
}

/// How far `launch` came.
package enum Launch: Hashable, Sendable {
    /// Powered on. Before `readyAfter` has passed it is not worth looking.
    case started(readyAfter: Duration)
    /// Not yet: an image is being made or fetched. A sentence for the operator and the progress page.
    case preparing(String)
    /// Not yet: other machines are booting and this one waits its turn.
    case queued
}

/// A machine as its engine sees it now.
package struct Machine: Hashable, Sendable {
    package let server: ServerID
    package let power: Power
    /// Nil until the engine has given it one.
    package let address: MachineAddress?

    package enum Power: Hashable, Sendable {
        /// Off in order: the guest shut itself down, or `powerDown` ended it.
        case off
        /// Ended without anybody's wish: the process died, the guest panicked, the host went down. A `launch`
        /// starts it again; until then, or until a `powerDown`, it stays dead.
        case dead
        case booting
        /// The guest of this launch has booted and its SSH server answers.
        case ready
    }

    package init(server: ServerID, power: Power, address: MachineAddress?) {
        self.server = server
        self.power = power
        self.address = address
    }
}

/// What an engine sees of a machine at a glance.
package struct Sighting: Hashable, Sendable {
    package let server: ServerID
    package let condition: Condition

    package enum Condition: String, Hashable, Sendable {
        /// It has power, whether its guest answers or not.
        case on
        case off
        /// As `Machine.Power.dead`; also pieces of a machine that never had power.
        case dead
    }

    package init(server: ServerID, condition: Condition) {
        self.server = server
        self.condition = condition
    }
}

/// Where a machine is reached.
package struct MachineAddress: Hashable, Sendable, Codable {
    /// An IPv4 address as text.
    package let ip: String
    package let sshPort: Int

    enum CodingKeys: String, CodingKey {
        case ip
        case sshPort = "ssh-port"
    }

    package init(ip: String, sshPort: Int = 22) {
        self.ip = ip
        self.sshPort = sshPort
    }
}

/// What went wrong in an engine, classified where it happened. The detail is for the log and the operator,
/// never for a customer.
package struct MachineError: Error, Hashable, Sendable, CustomStringConvertible {
    package let kind: Kind
    package let detail: String

    package enum Kind: Hashable, Sendable {
        /// Whether it happened is not known: look, then repeat with the same id.
        case unknownOutcome
        /// Too many calls: wait longer each time.
        case throttled
        /// There is no room for the machine now.
        case noCapacity
        /// The image could not be made or fetched.
        case imageUnavailable
        /// The engine refuses, and always will.
        case refused
        /// A mistake of ours or a broken engine: repeat, then page the operator.
        case broken
    }

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    package var description: String { "\(kind): \(detail)" }
}
