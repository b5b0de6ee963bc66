import HTTPTypes
import HummingbirdCore

/// The files that pages load, under names made of what is in them: a browser keeps each for a year, and asks for
/// another as soon as one changes.
struct Asset: Sendable {
    let link: Link
    private let answer: Answer

    fileprivate init(_ name: String, _ ending: String, _ form: Answer.Form, _ bytes: [UInt8]) {
        let mark = EntityTag.of(bytes).filter { $0 != "\"" }
        link = "/assets/\(name)-\(mark).\(ending)"
        answer = Answer(
            .ok, bytes, as: form,
            headers: [HTTPField(name: .cacheControl, value: "public, max-age=31536000, immutable")])
    }

    @Sendable func show(_ exchange: Exchange) async throws -> Answer { answer }
}

enum Assets {
    static let style = Asset(
        "caiport", "css", .style,
        PackageResources.caiport_css + PackageResources.servers_css + PackageResources.domains_css
            + PackageResources.billing_css + PackageResources.audit_css + PackageResources.documentation_css
            + PackageResources.operators_css)
    static let script = Asset("caiport", "js", .script, PackageResources.caiport_js + PackageResources.servers_js)
    static let icon = Asset("caiport", "svg", .picture, PackageResources.caiport_svg)

    static let routes: [Route] = [style, script, icon].map { .open(.get, $0.link.text, .unlimited, $0.show) }
}
