import Cloud
import HTTPTypes

/// One line of the route table.
package struct Route: Sendable {
    package let method: HTTPRequest.Method
    /// The path, with `{…}` for a segment that varies, such as `/v1/servers/{id}`.
    package let pattern: String
    package let rate: RateClass
    let handler: Handler

    enum Handler: Sendable {
        /// Answers anybody.
        case open(@Sendable (Exchange) async throws -> Answer)
        /// Answers whoever bears a valid key.
        case keyed(@Sendable (Exchange, Caller) async throws -> Answer)
        /// Answers a person with a browser.
        case page(PageAccess, PageGate.Handler)
    }

    /// Whether a valid API key is asked for.
    package var needsKey: Bool {
        switch handler {
        case .open, .page: false
        case .keyed: true
        }
    }

    /// Whether it is a page for people.
    package var isPage: Bool {
        if case .page = handler { true } else { false }
    }

    static func page(
        _ method: HTTPRequest.Method, _ pattern: String, _ access: PageAccess, _ rate: RateClass = .unlimited,
        _ handler: @escaping PageGate.Handler
    ) -> Route {
        Route(method: method, pattern: pattern, rate: rate, handler: .page(access, handler))
    }

    static func open(
        _ method: HTTPRequest.Method, _ pattern: String, _ rate: RateClass,
        _ handler: @escaping @Sendable (Exchange) async throws -> Answer
    ) -> Route {
        Route(method: method, pattern: pattern, rate: rate, handler: .open(handler))
    }

    static func keyed(
        _ method: HTTPRequest.Method, _ pattern: String, _ rate: RateClass,
        _ handler: @escaping @Sendable (Exchange, Caller) async throws -> Answer
    ) -> Route {
        Route(method: method, pattern: pattern, rate: rate, handler: .keyed(handler))
    }
}
