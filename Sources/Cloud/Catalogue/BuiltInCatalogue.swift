extension Catalogue {
    /// The catalogue of an installation whose operator configured none: every region stands on one engine.
    package static func builtIn(engine: String) -> Catalogue {
        Catalogue(plans: builtInPlans, regions: builtInRegions(engine: engine), images: builtInImages)
    }

    private static let builtInPlans: [Plan] = [
        plan("nano", "Nano", "general", 1, ram: 512, storage: 10, "500 GB", cents: 700),
        plan("starter", "Starter", "general", 1, ram: 2048, storage: 40, "2 TB", cents: 1900),
        plan("standard", "Standard", "general", 2, ram: 4096, storage: 80, "3 TB", cents: 3900, popular: true),
        plan("pro", "Pro", "general", 4, ram: 8192, storage: 160, "4 TB", cents: 7900),
        plan("business", "Business", "general", 8, ram: 16384, storage: 320, "5 TB", cents: 15900),
        plan("compute-4", "Compute 4", "compute", 4, ram: 8192, storage: 100, "4 TB", cents: 9900),
        plan("memory-16", "Memory 16", "memory", 2, ram: 16384, storage: 100, "4 TB", cents: 10900),
    ]

    private static func builtInRegions(engine: String) -> [Region] {
        [
            ("ap-southeast-2", "Sydney", "🇦🇺"), ("us-east-1", "N. Virginia", "🇺🇸"), ("eu-west-1", "Ireland", "🇪🇺"),
            ("ap-southeast-1", "Singapore", "🇸🇬"),
        ].map { id, name, flag in
            Region(id: RegionID(id), name: name, flag: flag, engine: engine, simulatedLocation: true)
        }
    }

    private static let builtInImages: [Image] = [
        Image(id: "ubuntu-22", name: "Ubuntu 22.04 LTS", user: "ubuntu"),
        Image(id: "ubuntu-24", name: "Ubuntu 24.04 LTS", user: "ubuntu"),
        Image(id: "debian-12", name: "Debian 12", user: "debian"),
        Image(id: "amazon-2023", name: "Amazon Linux 2023", user: "ec2-user"),
        Image(id: "rocky-9", name: "Rocky Linux 9", user: "rocky"),
        Image(id: "ubuntu-docker", name: "Ubuntu + Docker", user: "ubuntu"),
    ]

    private static func plan(
        _ id: PlanID, _ name: String, _ family: String, _ vcpu: Int, ram: Int, storage: Int, _ bandwidth: String,
        cents: Int64, popular: Bool = false
    ) -> Plan {
        Plan(
            id: id, name: name, family: family,
            size: MachineSize(vcpu: vcpu, ram: Mebibytes(ram), storage: Gibibytes(storage)),
            bandwidth: bandwidth, price: Money(cents: cents), popular: popular)
    }
}
