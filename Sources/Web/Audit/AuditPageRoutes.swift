import Cloud

extension Router {
    static func auditPages(of cloud: Cloud) -> [Route] { [] }
}
