import Cloud

extension Router {
    static func billingPages(of cloud: Cloud) -> [Route] { [] }
}
