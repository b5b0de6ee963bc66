import Cloud

/// Whether the caller only wants to know what would come of the request.
///
/// What is wrong with the parameter is said where the real request would be told what is wrong with its values: behind
/// a body that cannot be read and a server that is not there.
enum DryRun: Hashable {
    case no
    case yes
    case unsound(Refusal)

    func requireSound() throws {
        if case .unsound(let refusal) = self { throw refusal }
    }
}

extension Exchange {
    var dryRun: DryRun {
        do {
            switch try query(DryRunParameter.self)[.dryRun] {
            case nil, "false": return .no
            case "true": return .yes
            default:
                return .unsound(
                    Refusal(
                        .invalid, "The query cannot be used: dry_run must be true or false",
                        fields: ["dry_run": "must be true or false"]))
            }
        } catch {
            return .unsound(error)
        }
    }
}

private enum DryRunParameter: String {
    case dryRun = "dry_run"
}
