import Cloud
import HTTPTypes

/// Every route there is. What a route needs beside its handler stands on its line: a key or not, and which
/// rate limits it is under.
package enum Router {
    /// The customers' listener.
    package static func routes(of cloud: Cloud) -> [Route] {
        let health = HealthRoutes(cloud: cloud)
        let catalogue = CatalogueRoutes(offers: cloud.offers)
        let accounts = AccountRoutes(accounts: cloud.accounts, billing: cloud.billing)
        let repeatable = Repeatable(repeats: cloud.repeats)
        let servers = ServerRoutes(servers: cloud.servers, repeatable: repeatable, time: cloud.clock)
        let usage = UsageRoutes(billing: cloud.billing)
        let invoices = InvoiceRoutes(billing: cloud.billing, documents: cloud.invoiceDocuments)
        let adjustments = AdjustmentRoutes(billing: cloud.billing, documents: cloud.invoiceDocuments)
        let domains = DomainRoutes(domains: cloud.domains, repeatable: repeatable)
        let records = RecordRoutes(domains: cloud.domains, repeatable: repeatable)
        let registrant = RegistrantRoutes(domains: cloud.domains)
        let billingDetails = BillingDetailsRoutes(billing: cloud.billing)
        let sshKeys = SSHKeyRoutes(sshKeys: cloud.sshKeys, repeatable: repeatable)
        return [
            .open(.get, "/healthz", .unlimited, health.alive),
            .open(.get, "/readyz", .unlimited, health.ready),

            .open(.get, "/v1/openapi.json", .publicList, OpenAPIRoutes().show),
            .open(.get, "/v1/plans", .publicList, catalogue.plans),
            .open(.get, "/v1/regions", .publicList, catalogue.regions),
            .open(.get, "/v1/images", .publicList, catalogue.images),

            .keyed(.get, "/v1/account", .general, accounts.show),
            .keyed(.get, "/v1/account/billing-details", .general, billingDetails.show),
            .keyed(.put, "/v1/account/billing-details", .general, billingDetails.set),
            .keyed(.get, "/v1/usage", .general, usage.show),
            .keyed(.get, "/v1/invoices", .general, invoices.list),
            .keyed(.get, "/v1/invoices/{id}", .general, invoices.show),
            .keyed(.get, "/v1/adjustments/{id}", .general, adjustments.show),

            .keyed(.get, "/v1/servers", .general, servers.list),
            .keyed(.post, "/v1/servers", .deploy, servers.create),
            .keyed(.get, "/v1/servers/{id}", .general, servers.show),
            .keyed(.delete, "/v1/servers/{id}", .general, servers.destroy),
            .keyed(.post, "/v1/servers/{id}/actions", .general, servers.act),
            .keyed(.get, "/v1/servers/{id}/console", .general, servers.console),

            .keyed(.get, "/v1/account/registrant", .general, registrant.show),
            .keyed(.put, "/v1/account/registrant", .general, registrant.set),
            .keyed(.post, "/v1/domains/check", .domainCheck, domains.check),
            .keyed(.get, "/v1/domains", .general, domains.list),
            .keyed(.post, "/v1/domains", .general, domains.register),
            .keyed(.get, "/v1/domains/{id}", .general, domains.show),
            .keyed(.delete, "/v1/domains/{id}", .general, domains.delete),
            .keyed(.post, "/v1/domains/{id}/actions", .general, domains.act),
            .keyed(.get, "/v1/domains/{id}/transfer-code", .general, domains.transferCode),
            .keyed(.post, "/v1/domains/{id}/dnssec", .general, domains.sign),
            .keyed(.post, "/v1/domains/{id}/connect", .general, domains.connect),
            .keyed(.get, "/v1/domains/{id}/dns", .general, records.list),
            .keyed(.post, "/v1/domains/{id}/dns", .general, records.upsert),
            .keyed(.put, "/v1/domains/{id}/dns", .general, records.replace),
            .keyed(.delete, "/v1/domains/{id}/dns/{record}", .general, records.remove),
            .keyed(.get, "/v1/domains/{id}/dns/export", .general, records.export),
            .keyed(.post, "/v1/domains/{id}/dns/import", .general, records.import),
            .keyed(.get, "/v1/domains/{id}/dns/history", .general, records.history),
            .keyed(.post, "/v1/domains/{id}/dns/revert", .general, records.revert),
            .keyed(.get, "/v1/domains/{id}/dns/check", .general, records.check),

            .keyed(.get, "/v1/ssh-keys", .general, sshKeys.list),
            .keyed(.post, "/v1/ssh-keys", .general, sshKeys.add),
            .keyed(.delete, "/v1/ssh-keys/{id}", .general, sshKeys.remove),
        ]
    }

    /// Beside the customers' routes, on their listener: where processors post. They are no part of the API.
    package static func webhooks(of cloud: Cloud) -> [Route] {
        guard cloud.processing.payments.chargesCards else { return [] }
        return [
            .open(.post, "/webhooks/stripe", .unlimited, StripeWebhook(processing: cloud.processing).receive)
        ]
    }

    /// The operator's listener.
    package static func operatorRoutes(of cloud: Cloud, metrics: PrometheusMetrics) -> [Route] {
        let health = HealthRoutes(cloud: cloud)
        return [
            .open(.get, "/healthz", .unlimited, health.alive),
            .open(.get, "/readyz", .unlimited, health.ready),
            .open(.get, "/metrics", .unlimited, MetricsRoutes(metrics: metrics).show),
        ]
    }
}
