import Fakes
import Foundation
import Testing

/// The document's own lines for actions, by curl and without a `Content-Type`, on a real machine: every action,
/// and everything that can happen to a machine without being asked for.
@Suite(.serialized) struct MachineActionTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let flags: [String] = {
        let cache = ProcessInfo.processInfo.environment["CAIPORT_TEST_IMAGE_CACHE"]
        return ["--compute", "qemu", "--rate-limits", "off"] + (cache.map { ["--image-cache", $0] } ?? [])
    }()

    @Test func everyActionDoesOnAMachineWhatItSays() async throws {
        var daemon = try await Daemon(in: scratch, Self.flags)
        let customer = try await daemon.customer()
        let server = try await deploy(customer.api)
        defer { server.endProcesses() }
        try await server.reaches("running")
        let address = try await server.address()
        try await server.ssh("echo kept > marker && sync")
        let firstBoot = try await server.ssh("cat /proc/sys/kernel/random/boot_id")

        // Stop, start: the same disk and address.
        #expect(try await server.curl(#"{"action":"stop"}"#) == "stopping")
        try await server.reaches("stopped")
        #expect(server.processes.isEmpty)
        #expect(try await server.curl(#"{"action":"start"}"#) == "provisioning")
        try await server.reaches("running")
        #expect(try await server.address() == address)
        #expect(try await server.ssh("cat marker") == "kept\n")
        let secondBoot = try await server.ssh("cat /proc/sys/kernel/random/boot_id")
        #expect(secondBoot != firstBoot)

        // Resize: memory, processors and disk, with the root grown. It is a reboot as well.
        #expect(try await server.curl(#"{"action":"resize","plan":"standard"}"#) == "provisioning")
        try await server.reaches("running")
        #expect(try await server.address() == address)
        #expect(try await server.ssh("nproc") == "2\n")
        let mebibytes = try await server.ssh("awk '/MemTotal/ {print int($2/1024)}' /proc/meminfo")
        #expect((3500...4096).contains(try #require(Int(mebibytes.trimmingCharacters(in: .newlines)))))
        try await eventually("the root has grown", within: .seconds(60)) {
            let gibibytes = try await server.ssh("df --output=size -BG / | tail -1 | tr -dc 0-9")
            return try (76...80).contains(#require(Int(gibibytes)))
        }
        #expect(try await server.ssh("cat marker") == "kept\n")
        #expect(try await server.console().contains("caiport-ready \(server.id)"))

        // The process dies: started again. The daemon is away when it happens.
        try await daemon.terminate()
        server.endProcesses()
        daemon = try await Daemon(in: scratch, Self.flags)
        let back = Machine(id: server.id, api: API(url: daemon.url, key: customer.key), key: server.key, in: scratch)
        try await back.reaches("provisioning", within: .seconds(60))
        try await back.reaches("running")
        #expect(try await back.address() == address)
        #expect(try await back.ssh("cat marker") == "kept\n")

        // Reboot: running only on the new boot.
        let before = try await back.ssh("cat /proc/sys/kernel/random/boot_id")
        #expect(try await back.curl(#"{"action":"reboot"}"#) == "provisioning")
        try await back.reaches("running")
        #expect(try await back.ssh("cat /proc/sys/kernel/random/boot_id") != before)

        // The guest's kernel panics: started again.
        _ = try? await back.ssh("sudo sh -c 'sync; echo c > /proc/sysrq-trigger'", mayFail: true)
        try await back.reaches("provisioning", within: .seconds(60))
        try await back.reaches("running")
        #expect(try await back.ssh("cat marker") == "kept\n")

        // The guest powers itself off: stopped.
        _ = try? await back.ssh("sudo poweroff", mayFail: true)
        try await back.reaches("stopped", within: .seconds(90))
        #expect(try await back.failure() == "null")

        try await expectCleanBooks(daemon)
        #expect(try await back.api("DELETE", "/v1/servers/\(back.id)").status == 200)
        try await eventually("nothing is left") {
            back.processes.isEmpty && access("\(daemon.directory)/machines/\(back.id)", F_OK) != 0
        }
        try await daemon.terminate()
    }

    /// A resize that fails because its guest wants it to, and one in the middle of which the server is destroyed.
    @Test func aGuestThatRefusesItsNewSizeGetsNothingOfIt() async throws {
        let daemon = try await Daemon(in: scratch, Self.flags)
        let customer = try await daemon.customer()
        let server = try await deploy(customer.api)
        defer { server.endProcesses() }
        try await server.reaches("running")
        try await server.ssh(Self.refusingAllButOneProcessor)
        let disk = "\(daemon.directory)/machines/\(server.id)/guest/disk.qcow2"
        let (sectors, size) = (try await server.ssh("cat /sys/block/vda/size"), try virtualSize(of: disk))
        #expect(size == 10 << 30)

        #expect(try await server.curl(#"{"action":"resize","plan":"standard"}"#) == "provisioning")
        try await server.reaches("running")
        let shown = try await server.shown()
        #expect(try shown["failure"].string("code") == "resize_failed")
        #expect(try shown.string("plan") == "nano")
        #expect(try shown["price_cents"].description == "700")
        #expect(try await server.ssh("nproc") == "1\n")
        #expect(try await server.ssh("cat /sys/block/vda/size") == sectors)
        #expect(try virtualSize(of: disk) == size)
        #expect(try await server.console().contains("caiport-ready \(server.id)"))
        try await expectCleanBooks(daemon)

        let before = server.processes
        #expect(try await server.curl(#"{"action":"resize","plan":"standard"}"#) == "provisioning")
        try await eventually("the new size has power", within: .seconds(90)) {
            !server.processes.isEmpty && server.processes != before
        }
        #expect(try await server.api("DELETE", "/v1/servers/\(server.id)").status == 200)
        try await eventually("nothing is left") {
            server.processes.isEmpty && access("\(daemon.directory)/machines/\(server.id)", F_OK) != 0
        }
        try await expectCleanBooks(daemon)
        try await daemon.terminate()
    }

    /// Powers the guest off early in every boot with more.
    private static let refusingAllButOneProcessor = #"""
        set -e
        sudo tee /usr/local/sbin/refuse >/dev/null <<'END'
        #!/bin/sh
        [ "$(nproc)" = 1 ] || systemctl poweroff --force --force
        END
        sudo tee /etc/systemd/system/refuse.service >/dev/null <<'END'
        [Unit]
        DefaultDependencies=no
        Before=sysinit.target
        [Service]
        Type=oneshot
        ExecStart=/usr/local/sbin/refuse
        [Install]
        WantedBy=sysinit.target
        END
        sudo chmod 755 /usr/local/sbin/refuse
        sudo systemctl enable --quiet refuse.service
        sync
        """#

    /// Of a qcow2 image, as its guest sees it: its header's number at byte 24.
    private func virtualSize(of disk: String) throws -> Int64 {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: disk))
        defer { try? file.close() }
        return try #require(try file.read(upToCount: 32))[24..<32].reduce(0) { $0 << 8 | Int64($1) }
    }

    private func expectCleanBooks(_ daemon: Daemon) async throws {
        let check = try await Run(["check", "--data-dir", daemon.directory], in: scratch)
        #expect(check.status == 0, "\(check.output)\(check.errorOutput)")
    }

    private func deploy(_ api: API) async throws -> Machine {
        let key = scratch("key")
        let made = try await Run(
            ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], in: scratch, program: "ssh-keygen")
        #expect(made.status == 0)
        let line = try String(contentsOfFile: key + ".pub", encoding: .utf8).trimmingCharacters(in: .newlines)
        #expect(try await api("POST", "/v1/ssh-keys", #"{"name":"me","public_key":"\#(line)"}"#).status == 201)
        let body = #"{"plan":"nano","region":"ap-southeast-2","image":"debian-12","name":"actions"}"#
        let id = try await api("POST", "/v1/servers", body).body["data"].string("id")
        return Machine(id: id, api: api, key: key, in: scratch)
    }
}

/// A server on a real machine, as its customer and its host see it.
private struct Machine: Sendable {
    let id: String
    let api: API
    /// The private SSH key's file.
    let key: String
    let scratch: Scratch

    init(id: String, api: API, key: String, in scratch: Scratch) {
        self.id = id
        self.api = api
        self.key = key
        self.scratch = scratch
    }

    func reaches(_ state: String, within limit: Duration = .seconds(300)) async throws {
        try await eventually("\(id) is \(state)", within: limit) { try await api.state(id) == state }
    }

    func shown() async throws -> JSON {
        try await api("GET", "/v1/servers/\(id)").body["data"]
    }

    func address() async throws -> String { try await shown().string("public_ip") }

    func failure() async throws -> String { try await shown()["failure"].description }

    func console() async throws -> String {
        try await api("GET", "/v1/servers/\(id)/console").body["data"].string("output")
    }

    /// The document's own line, unchanged but for host, key and id; answers the state it shows.
    func curl(_ body: String) async throws -> String {
        let run = try await Run(
            [
                "--silent", "--noproxy", "*", "-X", "POST", "\(api.url)/v1/servers/\(id)/actions", "-H",
                "Authorization: Bearer \(api.key ?? "")", "-d", body,
            ], in: scratch, program: "curl")
        return try JSON(run.output)["data"].string("state")
    }

    @discardableResult
    func ssh(_ command: String, mayFail: Bool = false) async throws -> String {
        let shown = try await shown()
        let run = try await Run(
            [
                "-F", "none", "-i", key, "-p", shown["ssh_port"].description, "-o", "UserKnownHostsFile=/dev/null",
                "-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "IdentitiesOnly=yes",
                "-o", "BatchMode=yes", "-o", "ConnectTimeout=30", "-o", "ServerAliveInterval=5", "-o",
                "LogLevel=ERROR", "debian@\(try shown.string("public_ip"))", command,
            ], in: scratch, program: "ssh")
        #expect(run.status == 0 || mayFail, "\(command): \(run.errorOutput)")
        return run.output
    }

    /// The processes whose command line names the server.
    var processes: [Int32] {
        HostProcesses.all { words in
            words.contains { $0.contains("qemu-system") } && words.contains { $0.contains(id) }
        }
    }

    func endProcesses() {
        for process in processes { kill(process, SIGKILL) }
    }
}
