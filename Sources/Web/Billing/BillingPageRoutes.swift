import Cloud
import HTTPTypes

extension Router {
    static func billingPages(of cloud: Cloud) -> [Route] {
        let billing = BillingPages(cloud: cloud)
        let charges = ChargePages(billing: cloud.billing, time: cloud.clock)
        let invoices = InvoicePages(billing: cloud.billing, documents: cloud.invoiceDocuments)
        return [
            .page(.get, "/billing", .signedIn, .unlimited, billing.show),
            .page(.get, "/billing/charges", .signedIn, .unlimited, charges.show),
            .page(.get, "/invoices/{id}", .signedIn, .unlimited, invoices.show),
            .page(.get, "/invoices/{id}/file", .signedIn, .unlimited, invoices.file),
            .page(.get, "/adjustments/{id}/file", .signedIn, .unlimited, invoices.noteFile),
        ]
    }
}
