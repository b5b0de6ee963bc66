import Kernel

/// A customer's server as everybody sees it.
package struct Server: Hashable, Sendable {
    package let id: ServerID
    package let account: AccountID
    package let name: String
    package let plan: PlanID
    package let planName: String
    package let size: MachineSize
    /// Per calendar month, as it was sold.
    package let price: Money
    package let region: RegionID
    package let engine: String
    package let image: ImageID
    package var state: ServerState
    /// Nil until it first ran, and once it is terminated.
    package var address: String?
    package let sshUser: String
    package let sshPort: Int
    package let failure: ServerFailure?
    package let createdAt: Instant
    package var terminatedAt: Instant?
    /// What it takes of the account's committed sum.
    let reserved: Money
    let desired: DesiredState
}

/// The states of `states.md`; raw values are the API's and the database's.
package enum ServerState: String, CaseIterable, Sendable {
    case pending
    case provisioning
    case running
    case stopping
    case stopped
    case error
    case terminated
}

/// What the customer wants a server to be. Workflows look at it before each step.
package enum DesiredState: String, Sendable {
    case running
    case stopped
    case gone
}

/// Why a server is in error, or did not get where it should.
package struct ServerFailure: Hashable, Sendable, Codable {
    package let code: Code
    /// A sentence for the customer.
    package let message: String

    package enum Code: String, CaseIterable, Sendable, Codable {
        case imageUnavailable = "image_unavailable"
        case noCapacity = "no_capacity"
        case bootTimeout = "boot_timeout"
        case crashed
        case providerRefused = "provider_refused"
        case resizeFailed = "resize_failed"
    }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension Server {
    /// The columns `init(_:)` reads.
    static let columns: SQL = """
        id, account_id, name, plan_id, plan_name, vcpu, ram_mib, storage_gib, price_cents, reserved_cents, region_id,
        engine, image_id, ssh_user, ssh_port, state, desired, public_ip, failure_code, failure_message, created_at,
        terminated_at
        """

    init(_ row: Row) throws {
        id = try row.identifier("id")
        account = try row.identifier("account_id")
        name = try row.text("name")
        plan = PlanID(try row.text("plan_id"))
        planName = try row.text("plan_name")
        size = MachineSize(
            vcpu: try row.int("vcpu"), ram: Mebibytes(try row.int("ram_mib")),
            storage: Gibibytes(try row.int("storage_gib")))
        price = Money(cents: try row.integer("price_cents"))
        reserved = Money(cents: try row.integer("reserved_cents"))
        region = RegionID(try row.text("region_id"))
        engine = try row.text("engine")
        image = ImageID(try row.text("image_id"))
        sshUser = try row.text("ssh_user")
        sshPort = try row.int("ssh_port")
        state = try row.value("state")
        desired = try row.value("desired")
        address = try row.optionalText("public_ip")
        failure = try Self.failure(in: row)
        createdAt = try row.instant("created_at")
        terminatedAt = try row.optionalInstant("terminated_at")
    }

    private static func failure(in row: Row) throws -> ServerFailure? {
        guard try row.optionalText("failure_code") != nil else { return nil }
        return ServerFailure(try row.value("failure_code"), try row.text("failure_message"))
    }
}
