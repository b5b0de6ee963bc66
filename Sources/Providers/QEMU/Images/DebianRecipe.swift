import Cloud
import Crypto
import Foundation
import Kernel

/// Debian 12, made with mmdebstrap from this host's own apt sources: a root file system without partitions,
/// a kernel and a small initrd.
///
/// There is neither cloud-init nor a boot loader: QEMU gets the kernel, and a unit of ours gives the guest
/// its identity. Nothing of the host's configuration stays in the image.
package struct DebianRecipe: ImageRecipe {
    package let image: ImageID = "debian-12"
    /// One serial port instead of four spares the guest's udev work; `eth0` is what the network unit names.
    package let commandLine = "root=/dev/vda rw console=ttyS0 panic=10 net.ifnames=0 8250.nr_uarts=1"

    static let release = "bookworm"
    package static let packages = [
        "systemd", "systemd-sysv", "udev", "kmod", "dbus", "linux-image-cloud-amd64", "busybox-static", "e2fsprogs",
        "openssh-server", "sudo", "bash", "curl", "ca-certificates", "iproute2", "iputils-ping", "netbase", "procps",
        "less", "vim-tiny",
    ]
    private static let root = "root"

    private let packages: [String]
    private let sources: String

    /// - Parameters:
    ///   - packages: what the guest has, beside what these need.
    ///   - sources: the directory that holds apt's configuration.
    package init(packages: [String] = DebianRecipe.packages, sources: String = "/etc/apt") {
        self.packages = packages
        self.sources = sources
    }

    package var version: String {
        let files = GuestFiles.all.flatMap { [$0.path, String($0.mode, radix: 8), $0.text] }
        let parts = [Self.release, commandLine] + packages + files + [InitrdScript.text, FinishScript.text]
        return SHA256.hash(data: Data(parts.joined(separator: "\0").utf8)).prefix(8).hex
    }

    package func obstacle() -> String? {
        obstacle { programPath($0) != nil }
    }

    /// The same, of a host with these programs.
    package func obstacle(isInstalled: (String) -> Bool) -> String? {
        guard AptSources(release: Self.release, in: sources).hold(Self.release) else {
            return "its host's package sources are not those of Debian 12"
        }
        let missing = (["mmdebstrap", "mke2fs", "qemu-img"] + Enclosure.programs).filter { !isInstalled($0) }
        return missing.isEmpty ? nil : "its host lacks \(missing.joined(separator: ", "))"
    }

    package func build(in workshop: ImageWorkshop) async throws(MachineError) {
        try await layOut(workshop)
        try await install(workshop)
        try await finish(workshop)
    }

    package func clear(_ directory: String) async {
        // Files of a guest's own users belong to subordinate ids, which only the enclosure may remove.
        let inside = Enclosure.wrap("rm", ["-rf", "--", directory])
        _ = try? await runProgram(inside.program, inside.arguments, limit: .seconds(300))
    }

    private func layOut(_ workshop: ImageWorkshop) async throws(MachineError) {
        workshop.stage("reading the host's package sources")
        for file in GuestFiles.all {
            try workshop.write(file.text, to: "overlay\(file.path)", mode: file.mode)
        }
        try workshop.write(InitrdScript.text, to: "init", mode: 0o755)
        try workshop.write(FinishScript.text, to: "finish", mode: 0o755)
        let lines = AptSources(release: Self.release, in: sources).lines.joined(separator: "\n")
        try workshop.write(lines + "\n", to: "sources.list", mode: 0o600)
        try workshop.write(try await hostAptOptions(workshop), to: "apt.conf", mode: 0o600)
    }

    /// How the host's apt reaches its archive: proxies, certificates, leniency about dates. A proxy may hold
    /// a password, so none of this goes to the log, and the finishing script removes it from the guest.
    private func hostAptOptions(_ workshop: ImageWorkshop) async throws(MachineError) -> String {
        let dump: ProgramResult
        do {
            dump = try await runProgram("apt-config", ["--no-empty", "dump", "Acquire"], limit: .seconds(30))
        } catch {
            throw MachineError(.imageUnavailable, "\(error)")
        }
        let topics = ["http", "https", "Retries", "Check-Valid-Until", "Check-Date", "Max-FutureTime", "ForceIPv4"]
        let lines = dump.output.split(separator: "\n").filter { line in
            topics.contains { line.hasPrefix("Acquire::\($0)::") || line.hasPrefix("Acquire::\($0) ") }
        }
        let credentials = """
            Dir::Etc::netrc "/etc/apt/auth.conf";
            Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
            """
        return lines.joined(separator: "\n") + "\n" + credentials + "\n"
    }

    private func install(_ workshop: ImageWorkshop) async throws(MachineError) {
        let options = [
            "--mode=root", "--format=directory", "--variant=minbase", "--aptopt=apt.conf",
            // The workshop is closed to apt's own user too.
            "--aptopt=APT::Sandbox::User \"root\"",
            "--aptopt=APT::Install-Recommends \"false\"", "--aptopt=Acquire::Languages \"none\"",
            "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
            "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-include=/usr/share/doc/*/copyright",
            "--include=\(packages.joined(separator: ","))",
        ]
        let inside = Enclosure.wrap(
            "mmdebstrap", options + [Self.release, Self.root, "\(workshop.directory)/sources.list"])
        workshop.stage("fetching package lists")
        // Our initrd replaces Debian's, which takes longer to make than the rest of the kernel package.
        let environment = ["INITRD": "No", "TMPDIR": workshop.directory]
        _ = try await workshop.run(inside.program, inside.arguments, environment: environment) { text in
            if let stage = Self.stages.first(where: { text.contains($0.said) }) { workshop.stage(stage.name) }
        }
    }

    private static let stages = [
        (said: "I: downloading packages", name: "downloading packages"),
        (said: "I: extracting archives", name: "unpacking the base system"),
        (said: "I: installing", name: "installing packages"),
    ]

    private func finish(_ workshop: ImageWorkshop) async throws(MachineError) {
        workshop.stage("making the disk")
        let inside = Enclosure.wrap("sh", ["finish"])
        _ = try await workshop.run(inside.program, inside.arguments)
    }
}
