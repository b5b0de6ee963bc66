import Cloud

extension Router {
    static func domainPages(of cloud: Cloud) -> [Route] { [] }
}
