import Cloud
import Foundation

/// Whom guests run as: a user of their own when the daemon is root, else the daemon's user.
enum GuestAccount: Hashable, Sendable {
    /// The daemon is not root: guests run as its own user.
    case ours
    case separate(Owner)

    struct Owner: Hashable, Sendable {
        let user: uid_t
        let group: gid_t
    }

    static let name = "caiport-guest"

    /// Who owns what a guest may write; nil when that is us.
    var owner: Owner? {
        guard case .separate(let owner) = self else { return nil }
        return owner
    }

    /// The arguments that put the program under this account, with no privilege but those asked for.
    ///
    /// - Parameter machine: for QEMU itself: it may bind the low ports and use `/dev/kvm` as its group may.
    func confined(_ program: [String], machine: Bool) -> [String] {
        guard let owner else { return program }
        let kept = machine ? "-all,+net_bind_service" : "-all"
        let groups = machine ? Self.virtualizationGroup.map { "--groups=\($0)" } : nil
        return [
            "setpriv", "--reuid=\(owner.user)", "--regid=\(owner.group)", groups ?? "--clear-groups", "--no-new-privs",
            "--inh-caps=\(kept)", "--ambient-caps=\(kept)", "--bounding-set=\(kept)",
        ] + program
    }

    /// Whether QEMU under this account could open `/dev/kvm` at all.
    var mayUseKVM: Bool {
        guard owner != nil else { return access("/dev/kvm", R_OK | W_OK) == 0 }
        var attributes = stat()
        return Self.virtualizationGroup != nil
            || stat("/dev/kvm", &attributes) == 0 && attributes.st_mode & 0o006 == 0o006
    }

    /// The account as it stands on this host, made if it is missing.
    ///
    /// - Throws: `MachineError`: a guest never runs as root for want of it.
    static func obtain() async throws(MachineError) -> GuestAccount {
        guard geteuid() == 0 else { return .ours }
        if let owner = lookUp() { return .separate(owner) }
        let made: Result<ProgramResult, ProgramError>
        do throws(ProgramError) {
            made = .success(
                try await runProgram(
                    "useradd",
                    [
                        "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
                        "/usr/sbin/nologin", name,
                    ], limit: .seconds(20)))
        } catch {
            made = .failure(error)
        }
        // Looked up whatever useradd said: another installation may have been quicker.
        if let owner = lookUp() { return .separate(owner) }
        let reason: String =
            switch made {
            case .success(let result): result.complaint
            case .failure(let error): error.description
            }
        throw MachineError(.broken, "guests need the system user \(name), which could not be made: \(reason)")
    }

    /// The group that may use `/dev/kvm`, when it is a group's to give.
    private static var virtualizationGroup: gid_t? {
        var attributes = stat()
        guard stat("/dev/kvm", &attributes) == 0, attributes.st_gid != 0, attributes.st_mode & 0o060 == 0o060 else {
            return nil
        }
        return attributes.st_gid
    }

    private static func lookUp() -> Owner? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil, entry.pw_uid != 0 else {
            return nil
        }
        return Owner(user: entry.pw_uid, group: entry.pw_gid)
    }
}
