import Foundation

/// What the image has beside Debian's packages.
enum GuestFiles {
    struct File: Sendable {
        let path: String
        let mode: mode_t
        let text: String

        init(_ path: String, mode: mode_t = 0o644, _ text: String) {
            self.path = path
            self.mode = mode
            self.text = text + "\n"
        }
    }

    static let all = [
        // Debian's public archive, never the host's mirror.
        File(
            "/etc/apt/sources.list",
            """
            deb http://deb.debian.org/debian bookworm main
            deb http://deb.debian.org/debian bookworm-updates main
            deb http://deb.debian.org/debian-security bookworm-security main
            """),
        File("/etc/fstab", "/dev/vda / ext4 defaults,errors=remount-ro,x-systemd.growfs 0 1"),
        // The disk of a server that is resized grows while it runs; `x-systemd.growfs` has looked at it by then.
        File(
            "/usr/lib/udev/rules.d/90-caiport-root.rules",
            """
            ACTION=="change", SUBSYSTEM=="block", KERNEL=="vda", ENV{RESIZE}=="1", \
                RUN+="/usr/bin/systemctl --no-block restart systemd-growfs@-.service"
            """),
        File("/etc/hostname", "debian"),
        File("/etc/default/locale", "LANG=C.UTF-8"),
        // The addresses of QEMU's user network are the same for every guest; asking for them takes seconds.
        File("/etc/resolv.conf", "nameserver 10.0.2.3"),
        File(
            "/usr/lib/caiport/network",
            """
            address add 10.0.2.15/24 dev eth0
            link set eth0 up
            route add default via 10.0.2.2
            """),
        // QEMU announces an IPv6 prefix whether or not the host can reach anything by IPv6.
        File(
            "/etc/sysctl.d/10-caiport.conf",
            """
            net.ipv6.conf.all.accept_ra = 0
            net.ipv6.conf.default.accept_ra = 0
            net.ipv6.conf.eth0.accept_ra = 0
            """),
        File(
            "/etc/ssh/sshd_config.d/10-caiport.conf",
            """
            HostKey /etc/ssh/ssh_host_ed25519_key
            PermitRootLogin no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            """),
        // Nothing signs in by logind here; it is for the power button, which may wait for the SSH server.
        File(
            "/etc/systemd/system/systemd-logind.service.d/10-caiport.conf",
            """
            [Unit]
            After=caiport-ready.service
            """),
        File("/usr/lib/caiport/seed", mode: 0o755, SeedScript.text),
        File("/usr/lib/caiport/ready", mode: 0o755, ReadyScript.text),
        File("/usr/lib/systemd/system/caiport-network.service", networkUnit),
        File("/usr/lib/systemd/system/caiport-seed.service", seedUnit),
        File("/usr/lib/systemd/system/caiport-ready.service", readyUnit),
    ]

    private static let networkUnit = """
        [Unit]
        Description=Address of this server
        DefaultDependencies=no
        Wants=network.target
        After=systemd-sysctl.service
        Before=network.target shutdown.target
        Conflicts=shutdown.target

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=ip -batch /usr/lib/caiport/network

        [Install]
        WantedBy=multi-user.target
        """

    private static let seedUnit = """
        [Unit]
        Description=Identity of this server
        DefaultDependencies=no
        After=local-fs.target systemd-sysusers.service
        Before=ssh.service shutdown.target
        Conflicts=shutdown.target

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/usr/lib/caiport/seed

        [Install]
        RequiredBy=ssh.service
        """

    private static let readyUnit = """
        [Unit]
        Description=Ready line on the serial console
        Requires=caiport-seed.service ssh.service
        After=caiport-seed.service ssh.service

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/usr/lib/caiport/ready

        [Install]
        WantedBy=multi-user.target
        """
}
