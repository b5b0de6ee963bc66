import Cloud

extension Router {
    static func guidePages(of cloud: Cloud) -> [Route] { [] }
}
