import Cloud

extension Router {
    static func operatorPages(of cloud: Cloud) -> [Route] { [] }
}
