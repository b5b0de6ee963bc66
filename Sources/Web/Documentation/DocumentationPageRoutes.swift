import Cloud
import HTTPTypes

extension Router {
    static func documentationPages(of cloud: Cloud) -> [Route] {
        let pages = DocumentationPages(offers: cloud.offers)
        return [
            .page(.get, "/docs", .anybody, .unlimited, pages.overview),
            .page(.get, "/docs/{id}", .anybody, .unlimited, pages.chapter),
        ]
    }
}
