import Cloud
import HTTPTypes

extension Router {
    static func auditPages(of cloud: Cloud) -> [Route] {
        let audit = AuditPages(accounts: cloud.accounts, calendar: cloud.billing.terms.calendar)
        return [.page(.get, "/audit", .signedIn, .unlimited, audit.show)]
    }
}
