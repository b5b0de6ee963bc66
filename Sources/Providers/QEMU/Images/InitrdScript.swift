/// The first program of a guest, run by the busybox in the initrd.
enum InitrdScript {
    static let text = #"""
        #!/bin/busybox sh
        # Loads what the disk, the network and the report of a panic need, gives a new guest its machine id, and hands over.
        PATH=/bin
        busybox mount -t devtmpfs dev /dev
        busybox mount -t proc proc /proc
        busybox mount -t sysfs sys /sys
        while read -r module; do busybox insmod "/modules/$module"; done </modules/order

        tries=0
        until [ -b /dev/vda ]; do
            tries=$((tries + 1))
            if [ "$tries" -gt 200 ]; then
                echo 'caiport: there is no disk'
                busybox poweroff -f
            fi
            busybox usleep 50000
        done
        if ! busybox mount -t ext4 /dev/vda /newroot; then
            echo 'caiport: the disk cannot be mounted'
            busybox poweroff -f
        fi

        # A function of the server's id, so that a start that was cut short gives the same one again; here,
        # because PID 1 and the journal take whatever they find when they start.
        given=/sys/firmware/qemu_fw_cfg/by_name/opt/caiport/server/raw
        if [ ! -s /newroot/etc/machine-id ] && [ -e "$given" ]; then
            (echo machine-id && busybox cat "$given") | busybox sha256sum | busybox cut -c 1-32 >/newroot/etc/machine-id
        fi

        busybox umount /sys
        busybox umount /proc
        busybox mount --move /dev /newroot/dev
        exec busybox switch_root /newroot /sbin/init
        """#
}
