/// What was done to a zone. Raw values are the database's and the API's.
package enum ZoneAct: String, CaseIterable, Sendable {
    case upsert
    case remove
    case replace
    case `import`
    case revert
    case connect
    /// Records made by `connect` went after their server's new address.
    case follow
    /// Records that point at a server went before it did.
    case disconnect
    /// Its answers are signed from here on.
    case sign
    case unsign
    case delete
    case restore
    /// The registration ended, or went to another registrar.
    case lapse

    var auditName: StaticString {
        switch self {
        case .upsert: "dns.upsert"
        case .remove: "dns.remove"
        case .replace: "dns.replace"
        case .import: "dns.import"
        case .revert: "dns.revert"
        case .connect: "dns.connect"
        case .follow: "dns.follow"
        case .disconnect: "dns.disconnect"
        case .sign: "dns.sign"
        case .unsign: "dns.unsign"
        case .delete: "dns.delete"
        case .restore: "dns.restore"
        case .lapse: "dns.lapse"
        }
    }
}
