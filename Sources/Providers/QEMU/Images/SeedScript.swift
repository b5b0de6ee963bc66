/// Runs in the guest at every boot, before its SSH server. The host's word comes in files of QEMU's firmware
/// configuration (https://www.qemu.org/docs/master/specs/fw_cfg.html) below `opt/caiport/`.
enum SeedScript {
    static let text = #"""
        #!/bin/sh
        # Gives this server its identity, once: name, user, keys, SSH host key. What the host says is only ever
        # compared, printed and copied; nothing in it is run or expanded.
        set -eu
        umask 022
        given=/sys/firmware/qemu_fw_cfg/by_name/opt/caiport
        stamp=/var/lib/caiport/server
        refuse() { echo "caiport-seed: $1" >/dev/console; exit 1; }

        [ -e "$given" ] || modprobe -q qemu_fw_cfg || true
        [ -e "$given/server/raw" ] || refuse 'the host gave no identity'
        server=$(cat "$given/server/raw")
        case $server in *[!a-z0-9_]* | '') refuse 'not a server id' ;; esac
        # Whatever its owner changed since then stays changed.
        if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$server" ]; then exit 0; fi

        hostname=$(cat "$given/hostname/raw")
        case $hostname in *[!A-Za-z0-9.-]* | [.-]* | '') refuse 'not a hostname' ;; esac
        user=$(cat "$given/user/raw")
        case $user in *[!a-z0-9_-]* | [!a-z]* | '') refuse 'not a user name' ;; esac

        printf '%s' "$hostname" >/proc/sys/kernel/hostname
        printf '%s\n' "$hostname" >/etc/hostname
        printf '127.0.0.1 localhost\n127.0.1.1 %s %s\n::1 localhost ip6-localhost ip6-loopback\n' \
            "$hostname" "${hostname%%.*}" >/etc/hosts

        # A new user's password is locked. Another unit may hold the lock of the user database for a moment.
        tries=0
        until id -u "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash -- "$user"; do
            tries=$((tries + 1))
            [ "$tries" -lt 60 ] || refuse 'the user cannot be made'
            sleep 1
        done
        group=$(id -gn "$user")
        home=$(getent passwd "$user" | cut -d: -f6)
        install -d -m 0700 -o "$user" -g "$group" "$home/.ssh"
        install -m 0600 -o "$user" -g "$group" "$given/authorized_keys/raw" "$home/.ssh/authorized_keys"
        printf '%s ALL=(ALL:ALL) NOPASSWD: ALL\n' "$user" >/etc/sudoers.d/90-caiport
        chmod 0440 /etc/sudoers.d/90-caiport

        key=/etc/ssh/ssh_host_ed25519_key
        rm -f "$key" "$key.pub"
        if [ -e "$given/ssh_host_ed25519_key/raw" ]; then
            install -m 0600 "$given/ssh_host_ed25519_key/raw" "$key"
            ssh-keygen -y -f "$key" >"$key.pub"
        else
            ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
        fi

        # The stamp promises that all of the above is on the disk, so it comes after it in every crash.
        sync
        mkdir -p /var/lib/caiport
        printf '%s\n' "$server" >"$stamp"
        """#
}

/// Runs in the guest at every boot, once its SSH server listens.
enum ReadyScript {
    static let text = #"""
        #!/bin/sh
        # Tells the host, by the serial console, that this boot of this server is complete. The line begins
        # anew because a status line of systemd's may stand half written.
        set -eu
        printf '\ncaiport-ready %s\n' "$(cat /var/lib/caiport/server)" >/dev/console
        """#
}
