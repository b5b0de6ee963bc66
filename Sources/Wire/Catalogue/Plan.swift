extension Wire {
    /// One entry of `GET /v1/plans`.
    package struct Plan: JSONWritable, Hashable {
        package let id: String
        package let name: String
        /// `general`, `compute` or `memory`; `class` on the wire.
        package let family: String
        package let vcpu: Int
        /// As shown: `4 GB`.
        package let ram: String
        package let storageGB: Int
        /// As shown: `3 TB`.
        package let bandwidth: String
        /// Per month, in cents AUD.
        package let priceCents: Int64
        package let popular: Bool

        package init(
            id: String, name: String, family: String, vcpu: Int, ram: String, storageGB: Int, bandwidth: String,
            priceCents: Int64, popular: Bool
        ) {
            self.id = id
            self.name = name
            self.family = family
            self.vcpu = vcpu
            self.ram = ram
            self.storageGB = storageGB
            self.bandwidth = bandwidth
            self.priceCents = priceCents
            self.popular = popular
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                writer.field("name", name)
                writer.field("class", family)
                writer.field("vcpu", vcpu)
                writer.field("ram", ram)
                writer.field("storage_gb", storageGB)
                writer.field("bandwidth", bandwidth)
                writer.field("price_cents", priceCents)
                writer.field("popular", popular)
            }
        }
    }
}
