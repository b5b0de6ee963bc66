import Cloud
import HTTPTypes

extension Router {
    static func domainPages(of cloud: Cloud) -> [Route] {
        let list = DomainPages(domains: cloud.domains, repeats: cloud.repeats, calendar: cloud.billing.terms.calendar)
        let one = OneDomainPages(
            domains: cloud.domains, servers: cloud.servers, repeats: cloud.repeats,
            calendar: cloud.billing.terms.calendar)
        let zone = ZonePages(domains: cloud.domains, repeats: cloud.repeats, calendar: cloud.billing.terms.calendar)
        let registrant = RegistrantPages(domains: cloud.domains)
        return [
            .page(.get, "/domains", .signedIn, .unlimited, list.list),
            .page(.get, "/domains/new", .signedIn, .unlimited, list.search),
            .page(.post, "/domains", .signedIn, .unlimited, list.buy),
            .page(.get, "/domains/registrant", .signedIn, .unlimited, registrant.show),
            .page(.post, "/domains/registrant", .signedIn, .unlimited, registrant.set),
            .page(.get, "/domains/{id}", .signedIn, .unlimited, one.show),
            .page(.post, "/domains/{id}/actions", .signedIn, .unlimited, one.act),
            .page(.post, "/domains/{id}/connect", .signedIn, .unlimited, one.connect),
            .page(.post, "/domains/{id}/dnssec", .signedIn, .unlimited, one.sign),
            .page(.post, "/domains/{id}/transfer-code", .signedIn, .unlimited, one.transferCode),
            .page(.post, "/domains/{id}/delete", .signedIn, .unlimited, one.delete),
            .page(.post, "/domains/{id}/records", .signedIn, .unlimited, one.keepRecord),
            .page(.post, "/domains/{id}/records/{record}/remove", .signedIn, .unlimited, one.removeRecord),
            .page(.get, "/domains/{id}/history", .signedIn, .unlimited, zone.history),
            .page(.post, "/domains/{id}/revert", .signedIn, .unlimited, zone.revert),
            .page(.get, "/domains/{id}/import", .signedIn, .unlimited, zone.showImport),
            .page(.post, "/domains/{id}/import", .signedIn, .unlimited, zone.tryImport),
            .page(.post, "/domains/{id}/import/confirm", .signedIn, .unlimited, zone.confirmImport),
            .page(.get, "/domains/{id}/zone", .signedIn, .unlimited, zone.download),
            .page(.get, "/domains/{id}/check", .signedIn, .unlimited, zone.check),
        ]
    }
}
