import Cloud
import Wire

struct BillingDetailsRoutes: Sendable {
    let billing: Billing

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let details = try await billing.billingDetails(of: caller.account)
        return .ok(Wire.OptionalAnswer(details.map(Wire.BillingDetails.init)))
    }

    func set(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let body = try Wire.BillingDetails(reading: RequestFields(parsing: try await exchange.bytes()))
        let details = try BillingDetails(name: body.name, address: body.address, businessNumber: body.abn ?? "")
        try await billing.setBillingDetails(details, by: exchange.requester(caller))
        return .ok(Wire.DataAnswer(Wire.BillingDetails(details)))
    }
}

extension Wire.BillingDetails {
    init(_ details: BillingDetails) {
        self.init(name: details.name, address: details.address, abn: details.businessNumber?.description)
    }
}
