import Cloud

/// What a simulated machine seems to print: the few lines of a boot that people look for.
enum SimulatedConsole {
    static func text(server: ServerID, hostname: String, power: Machine.Power) -> String {
        let loading = ["Linux version 0.0.0-simulated", "Command line: root=/dev/vda rw console=ttyS0"]
        let booted = loading + ["Hostname set to <\(hostname)>.", "caiport-ready \(server)"]
        let lines: [String] =
            switch power {
            case .booting: loading
            case .ready: booted
            case .off: booted + ["reboot: Power down"]
            case .dead: booted + ["Kernel panic - not syncing: simulated"]
            }
        return lines.map { $0 + "\n" }.joined()
    }
}
