import Cloud
import Foundation

/// The command line of a machine. Files are named relative to its `guest` directory; nothing in it comes
/// from a customer but sizes.
struct QEMUCommand: Sendable {
    let directory: MachineDirectory
    let record: MachineRecord
    let accelerator: Accelerator
    let isolation: GuestIsolation

    // The sandbox allows neither -daemonize nor -runas: session and user are set before QEMU is executed.
    static let sandbox = [
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
    ]

    /// QEMU's name for what the guest sees as its disk.
    static let diskNode = "disk"

    /// Where `flock` leaves the lock: the first descriptor after the standard three.
    static let lockDescriptor = 3

    /// The whole chain, from taking the machine's lock to QEMU.
    ///
    /// `flock` hands the lock on to QEMU, which thus holds it from before it is executed until it is gone:
    /// a second start of the same machine ends here. (QEMU's own `-pidfile` wants the path's every folder
    /// to be open to it.) The wait is for those who only look whether the lock is held.
    func arguments(for account: GuestAccount) -> [String] {
        ["flock", "--timeout", "3", "--no-fork", directory.lock] + account.confined(program, machine: true)
    }

    private var program: [String] {
        ["qemu-system-x86_64"] + identity + ["-nodefaults", "-no-user-config", "-machine", "q35"]
            + accelerator.arguments
            + ["-smp", "\(record.size.vcpu)", "-m", "\(record.size.ram.count)", "-display", "none"]
            + consoles + storage + network + ["-device", "virtio-rng-pci"] + ending + seed + boot + Self.sandbox
    }

    /// A guest that shuts itself down, or panics, leaves its QEMU stopped: what became of it can be asked for as
    /// long as nobody has looked. One that reboots goes on.
    private var ending: [String] { ["-device", "pvpanic-pci", "-action", "shutdown=pause,panic=pause"] }

    /// By which operators and we find the process: `pgrep -f guest=sv_…`, or the data directory's path. The
    /// path stands there as a folder to search for firmware, which finds none in it.
    private var identity: [String] {
        [
            "-name", Self.name(of: record.server), "-uuid", MachineRecord.uuid(of: record.server), "-L", directory.path,
        ]
    }

    static func name(of server: ServerID) -> String { "guest=\(server)" }

    private var consoles: [String] {
        [
            "-chardev", "file,id=serial,path=\(GuestFile.serial),append=on", "-serial", "chardev:serial",
            "-chardev", "socket,id=qmp,path=\(GuestFile.socket),server=on,wait=off", "-mon", "chardev=qmp,mode=control",
        ]
    }

    /// The base is named here too, so that no name in the overlay's header is followed.
    private var storage: [String] {
        let disk = """
            {"driver":"qcow2","node-name":"\(Self.diskNode)","discard":"unmap",\
            "file":{"driver":"file","filename":"\(GuestFile.disk)","discard":"unmap"},\
            "backing":{"driver":"qcow2","read-only":true,\
            "file":{"driver":"file","filename":"\(GuestFile.base)","read-only":true}}}
            """
        // A full host disk stops the guest instead of failing its writes; it goes on when there is room again.
        return ["-blockdev", disk, "-device", "virtio-blk-pci,drive=\(Self.diskNode),werror=enospc,rerror=report"]
    }

    private var network: [String] {
        let forwards = record.address.forwards.map { ",hostfwd=tcp:\(record.address.ip):\($0.host)-:\($0.guest)" }
        let restriction = isolation == .cutOff ? ",restrict=on" : ""
        return ["-netdev", "user,id=net\(restriction)\(forwards.joined())", "-device", "virtio-net-pci,netdev=net"]
    }

    private var seed: [String] {
        GuestSeed.names.flatMap { ["-fw_cfg", "name=opt/caiport/\($0),file=\($0)"] }
    }

    private var boot: [String] {
        // A guest that panics before it knows its panic device would hang for ever, unnoticed; later ones are
        // stopped before these seconds have passed.
        let panic = record.commandLine.contains("panic=") ? "" : " panic=10"
        return [
            "-kernel", GuestFile.kernel, "-initrd", GuestFile.initrd, "-append", record.commandLine + panic,
        ]
    }
}
