import Foundation

/// Whom the name server runs as: a user of its own when the daemon is root, else the daemon's user.
enum EngineAccount {
    static let name = "caiport-dns"

    /// The account's owner, made if it is missing; nil when the daemon is not root.
    /// - Throws: `NameServerError`: it never runs as root for want of the account.
    static func obtain() async throws(NameServerError) -> GuestAccount.Owner? {
        guard geteuid() == 0 else { return nil }
        if let owner = lookUp() { return owner }
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
        if let owner = lookUp() { return owner }
        let reason: String =
            switch made {
            case .success(let result): result.complaint
            case .failure(let error): error.description
            }
        throw NameServerError("the name server needs the system user \(name), which could not be made: \(reason)")
    }

    /// The arguments that put the program under this account. What it may still do: be where only root may go, by
    /// making its folder its root, and listen on a low port.
    static func confined(_ program: [String], to owner: GuestAccount.Owner?, lowPort: Bool) -> [String] {
        guard let owner else { return ["--no-new-privs"] + program }
        let kept = "-all,+sys_chroot" + (lowPort ? ",+net_bind_service" : "")
        return [
            "--reuid=\(owner.user)", "--regid=\(owner.group)", "--clear-groups", "--no-new-privs",
            "--inh-caps=\(kept)", "--ambient-caps=\(kept)", "--bounding-set=\(kept)",
        ] + program
    }

    private static func lookUp() -> GuestAccount.Owner? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil, entry.pw_uid != 0 else {
            return nil
        }
        return GuestAccount.Owner(user: entry.pw_uid, group: entry.pw_gid)
    }
}
