/// What runs a guest's instructions.
enum Accelerator: String, Codable, Hashable, Sendable, CaseIterable {
    // In the order in which they are tried: best first.
    case kvm
    /// On some hosts KVM refuses guests the ARCH_CAPABILITIES register that it offers.
    case kvmWithoutArchCapabilities = "kvm-without-arch-capabilities"
    /// QEMU's own translator: works everywhere, slowly.
    case tcg

    /// QEMU's options.
    var arguments: [String] {
        switch self {
        case .kvm: ["-accel", "kvm", "-cpu", "host"]
        case .kvmWithoutArchCapabilities: ["-accel", "kvm", "-cpu", "host,arch-capabilities=off"]
        // Without a limit in MiB, the translations of a guest of 512 MB take another 1 GB of the host's.
        case .tcg: ["-accel", "tcg,tb-size=64", "-cpu", "max"]
        }
    }

    /// No Debian boots sooner than this: until then nobody needs to look.
    var shortestBoot: Duration {
        switch self {
        case .kvm, .kvmWithoutArchCapabilities: .seconds(1)
        case .tcg: .seconds(6)
        }
    }
}
