/// Turns the installed root file system into the image's files. Runs in the enclosure, in the workshop, as a
/// fixed text without arguments: every name in it is ours.
enum FinishScript {
    static let text = #"""
        set -eu
        umask 022
        export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        root=root

        # What was the host's, and what two guests must not share.
        rm -rf "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/apt/auth.conf* \
            "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$root"/etc/resolv.conf "$root"/etc/hostname "$root"/etc/hosts \
            "$root"/etc/ssh/ssh_host_* "$root"/etc/machine-id "$root"/var/lib/dbus/machine-id \
            "$root"/var/lib/systemd/random-seed "$root"/var/lib/systemd/credential.secret \
            "$root"/var/lib/apt/lists "$root"/var/cache/apt/* "$root"/var/log/* "$root"/boot/initrd* \
            "$root"/tmp/* "$root"/run/*
        mkdir -p "$root"/var/lib/apt/lists/partial "$root"/var/cache/apt/archives/partial "$root"/var/log/apt \
            "$root"/var/lib/dbus "$root"/var/log/journal
        cp -R --remove-destination overlay/. "$root"/
        # The permissions of the overlay's directories are the builder's.
        (cd overlay && find . -type d) | while read -r directory; do chmod 0755 "$root/$directory"; done
        : >"$root"/etc/machine-id
        ln -s /etc/machine-id "$root"/var/lib/dbus/machine-id
        # The kernel comes from the host: an initrd of the guest's own would be made and never used.
        sed -i 's/^update_initramfs=.*/update_initramfs=no/' "$root"/etc/initramfs-tools/update-initramfs.conf

        chroot "$root" systemctl --quiet enable caiport-network.service caiport-seed.service caiport-ready.service
        # A fresh guest sends nothing of itself, and boots no more than a server behind SSH needs: there is
        # neither a screen nor an input, and file systems for debugging are mounted by whoever wants them.
        chroot "$root" systemctl --quiet mask \
            apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
            getty@tty1.service serial-getty@ttyS0.service systemd-firstboot.service \
            systemd-sysusers.service systemd-pstore.service systemd-repart.service \
            systemd-network-generator.service systemd-update-utmp-runlevel.service \
            sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
            dev-hugepages.mount modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service \
            modprobe@efi_pstore.service modprobe@fuse.service modprobe@loop.service

        version=$(ls "$root"/lib/modules)
        cp "$root/boot/vmlinuz-$version" vmlinuz
        mkdir -p initrd.d/bin initrd.d/dev initrd.d/proc initrd.d/sys initrd.d/newroot initrd.d/modules
        cp "$root"/usr/bin/busybox initrd.d/bin/busybox
        ln -s busybox initrd.d/bin/sh
        cp init initrd.d/init
        for module in virtio_blk virtio_pci virtio_net qemu_fw_cfg pvpanic_pci; do
            chroot "$root" modprobe --set-version "$version" --show-depends "$module"
        done >modules
        while read -r _ file; do
            name=${file##*/}
            grep -qxF "$name" initrd.d/modules/order 2>/dev/null && continue
            cp "$root$file" initrd.d/modules/
            echo "$name" >>initrd.d/modules/order
        done <modules
        cp "$root"/usr/bin/busybox busybox
        (cd initrd.d && find . | sort | ../busybox cpio -o -H newc -R 0:0 | ../busybox gzip -9) >initrd

        # The guest grows it to its plan; one per cent reserved is plenty for root on any of them.
        mke2fs -q -t ext4 -m 1 -L root -d "$root" disk.raw 2G
        qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2
        rm -rf disk.raw busybox modules initrd.d overlay init finish sources.list apt.conf "$root"
        """#
}
