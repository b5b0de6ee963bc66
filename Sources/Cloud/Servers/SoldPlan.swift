import Kernel

/// A plan as it was sold with a server: what a failed resize goes back to, whatever the catalogue says by then.
struct SoldPlan: Codable, Hashable, Sendable {
    let id: String
    let name: String
    let vcpu: Int
    let ramMebibytes: Int
    let storageGibibytes: Int
    let priceCents: Int64

    enum CodingKeys: String, CodingKey {
        case id
        case name
        case vcpu
        case ramMebibytes = "ram-mib"
        case storageGibibytes = "storage-gib"
        case priceCents = "price-cents"
    }

    init(of server: Server) {
        id = server.plan.text
        name = server.planName
        vcpu = server.size.vcpu
        ramMebibytes = server.size.ram.count
        storageGibibytes = server.size.storage.count
        priceCents = server.price.cents
    }

    var size: MachineSize {
        MachineSize(vcpu: vcpu, ram: Mebibytes(ramMebibytes), storage: Gibibytes(storageGibibytes))
    }
}

extension Server {
    func resized(to plan: Plan) -> Server {
        resized(to: plan.id, named: plan.name, size: plan.size, price: plan.price)
    }

    func resized(to plan: SoldPlan) -> Server {
        resized(to: PlanID(plan.id), named: plan.name, size: plan.size, price: Money(cents: plan.priceCents))
    }

    private func resized(to plan: PlanID, named name: String, size: MachineSize, price: Money) -> Server {
        Server(
            id: id, account: account, name: self.name, plan: plan, planName: name, size: size, price: price,
            region: region, engine: engine, image: image, state: state, address: address, sshUser: sshUser,
            sshPort: sshPort, failure: failure, createdAt: createdAt, terminatedAt: terminatedAt, reserved: reserved,
            desired: desired)
    }
}
