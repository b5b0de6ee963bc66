import ArgumentParser
import Cloud
import Kernel

struct AddPaymentMethod: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let an account buy: it is invoiced on your terms.")

    @OptionGroup var account: AccountFlag
    @OptionGroup var flags: AdminFlags

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let admin = try await cloud.admin(of: account.name)
            try await cloud.accounts.addPaymentMethod(by: admin)
            return AdminAnswer(fields: [("account_id", admin.account.text), ("payment_method", "invoice")])
        }
    }
}

struct RemovePaymentMethod: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take an account's payment method away; what is open stays due.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("invoice, for your terms, or card.", valueName: "kind")) var kind: String
    @OptionGroup var flags: AdminFlags

    func validate() throws {
        guard PaymentMethod(rawValue: kind) != nil else { throw ValidationError("--kind is invoice or card") }
    }

    func run() async throws {
        guard let method = PaymentMethod(rawValue: kind) else { return }
        try await AdminDesk(flags: flags).perform { cloud in
            let admin = try await cloud.admin(of: account.name)
            try await cloud.accounts.remove(method, by: admin)
            return AdminAnswer(fields: [("account_id", admin.account.text), ("removed", kind)])
        }
    }
}

struct SetLimits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set what an account may have and how fast it may ask.")

    @OptionGroup var account: AccountFlag
    @Option(help: ArgumentHelp("How many servers it may have.", valueName: "n")) var serverLimit: Int?
    @Option(help: ArgumentHelp("What its servers may cost a month in all, in cents AUD.", valueName: "cents"))
    var spendCap: Int64?
    @Option(help: ArgumentHelp("How many requests an hour each of its keys has.", valueName: "n")) var ratePerHour: Int?
    @OptionGroup var flags: AdminFlags

    func validate() throws {
        guard serverLimit != nil || spendCap != nil || ratePerHour != nil else {
            throw ValidationError("Give at least one of --server-limit, --spend-cap and --rate-per-hour")
        }
    }

    func run() async throws {
        try await AdminDesk(flags: flags).perform { cloud in
            let admin = try await cloud.admin(of: account.name)
            let change = LimitChange(
                serverLimit: serverLimit, spendCap: spendCap.map(Money.init(cents:)), ratePerHour: ratePerHour)
            try await cloud.accounts.setLimits(change, by: admin)
            var numbers: [(String, Int64)] = []
            if let serverLimit { numbers.append(("server_limit", Int64(serverLimit))) }
            if let spendCap { numbers.append(("spend_cap_cents", spendCap)) }
            if let ratePerHour { numbers.append(("rate_per_hour", Int64(ratePerHour))) }
            return AdminAnswer(fields: [("account_id", admin.account.text)], numbers: numbers)
        }
    }
}
