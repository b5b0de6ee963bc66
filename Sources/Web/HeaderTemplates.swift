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
    private let pdf: HTTPFields

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
        pdf = Self.fields("application/pdf", isPrivate: true, isSecure: isSecure)
    }

    /// - Parameter isPrivate: the answer belongs to one caller, or to one moment: no cache may keep it.
    func fields(for form: Answer.Form, isPrivate: Bool) -> HTTPFields {
        switch form {
        case .json: isPrivate ? privateJSON : json
        case .html: html
        case .metrics: metrics
        case .invoicePage: invoicePage
        case .csv: csv
        case .pdf: pdf
        }
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
