import Cloud
import HTTPTypes

/// The headers every answer begins with, built once.
struct HeaderTemplates: Sendable {
    private let json: HTTPFields
    private let privateJSON: HTTPFields
    private let html: HTTPFields
    private let metrics: HTTPFields
    private let invoicePage: HTTPFields
    private let csv: HTTPFields
    private let zoneFile: HTTPFields
    private let pdf: HTTPFields
    private let page: HTTPFields
    private let style: HTTPFields
    private let script: HTTPFields
    private let picture: HTTPFields
    private let events: HTTPFields

    /// - Parameter isSecure: the listener speaks TLS, so browsers may be told never to do without.
    init(isSecure: Bool) {
        json = Self.fields("application/json", isPrivate: false, isSecure: isSecure)
        privateJSON = Self.fields("application/json", isPrivate: true, isSecure: isSecure)
        html = Self.fields("text/html; charset=utf-8", isPrivate: true, isSecure: isSecure)
        metrics = Self.fields("text/plain; version=0.0.4; charset=utf-8", isPrivate: true, isSecure: isSecure)
        invoicePage = Self.fields(
            "text/html; charset=utf-8", isPrivate: true, isSecure: isSecure,
            style: InvoiceDocuments.stylePolicySource)
        csv = Self.fields("text/csv; charset=utf-8; header=present", isPrivate: true, isSecure: isSecure)
        zoneFile = Self.fields("text/dns; charset=utf-8", isPrivate: true, isSecure: isSecure)
        pdf = Self.fields("application/pdf", isPrivate: true, isSecure: isSecure)
        page = Self.page(isSecure: isSecure)
        style = Self.fields("text/css; charset=utf-8", isPrivate: false, isSecure: isSecure)
        script = Self.fields("text/javascript; charset=utf-8", isPrivate: false, isSecure: isSecure)
        events = Self.fields("text/event-stream", isPrivate: true, isSecure: isSecure)
        picture = Self.fields("image/svg+xml", isPrivate: false, isSecure: isSecure)
    }

    /// - Parameter isPrivate: the answer belongs to one caller, or to one moment: no cache may keep it.
    func fields(for form: Answer.Form, isPrivate: Bool) -> HTTPFields {
        switch form {
        case .json: isPrivate ? privateJSON : json
        case .html: html
        case .metrics: metrics
        case .invoicePage: invoicePage
        case .csv: csv
        case .zoneFile: zoneFile
        case .pdf: pdf
        case .page: page
        case .style: style
        case .script: script
        case .picture: picture
        case .events: events
        }
    }

    /// A page loads what is ours and nothing else, and posts nowhere else.
    private static func page(isSecure: Bool) -> HTTPFields {
        var fields = fields("text/html; charset=utf-8", isPrivate: true, isSecure: isSecure)
        fields[.contentSecurityPolicy] =
            "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
            + "img-src 'self'; script-src 'self'; style-src 'self'"
        // With no-referrer, browsers send our own forms with `Origin: null`, which is what other sites' forms may have:
        // https://fetch.spec.whatwg.org/#append-a-request-origin-header. Other sites are told nothing by this either.
        fields[.referrerPolicy] = "same-origin"
        return fields
    }

    /// - Parameter style: the one style that a page may apply; nil for none.
    private static func fields(
        _ type: String, isPrivate: Bool, isSecure: Bool, style: String? = nil
    ) -> HTTPFields {
        var fields = HTTPFields()
        fields[.contentType] = type
        fields[.xContentTypeOptions] = "nosniff"
        fields[.referrerPolicy] = "no-referrer"
        let styles = style.map { "; style-src '\($0)'" } ?? ""
        fields[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'\(styles)"
        if isPrivate { fields[.cacheControl] = "no-store" }
        if isSecure { fields[.strictTransportSecurity] = "max-age=31536000; includeSubDomains" }
        return fields
    }
}
