/// Which part of an account's invoices is asked for.
package struct InvoiceQuery: Hashable, Sendable {
    /// 1 to `PageLimit.most`; nil: all, or `PageLimit.most` behind a cursor.
    package let limit: Int?
    package let cursor: InvoiceCursor?

    /// Whether a part of the list is asked for, and not the whole.
    package var isPaged: Bool { limit != nil || cursor != nil }

    /// - Throws: `Refusal.invalid` that names every parameter at fault and what is allowed.
    package init(_ texts: [InvoiceParameter: String]) throws {
        var faults: [String: String] = [:]
        limit = texts[.limit].flatMap(PageLimit.read)
        if limit == nil, texts[.limit] != nil { faults["limit"] = PageLimit.rule }
        cursor = texts[.cursor].flatMap(InvoiceCursor.init)
        if cursor == nil, texts[.cursor] != nil { faults["cursor"] = "must be the \"next\" of an answer" }
        guard faults.isEmpty else {
            let parts = faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            throw Refusal(
                .invalid, "The list cannot be asked for like this: " + parts.joined(separator: "; "), fields: faults)
        }
    }
}

/// The parameters of a list as a customer wrote them.
package enum InvoiceParameter: String, CaseIterable, Sendable {
    case limit
    case cursor
}
