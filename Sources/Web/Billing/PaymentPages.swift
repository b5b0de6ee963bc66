import Cloud
import HTTPTypes

/// How an account pays.
struct PaymentPages: Sendable {
    let cloud: Cloud

    @Sendable func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    /// Takes the account's billing details; from then on it is invoiced on the operator's terms.
    @Sendable func set(_ visit: Visit) async throws -> Answer {
        do {
            let lines = visit.form["address"].split(whereSeparator: \.isNewline).map(String.init)
            let details = try BillingDetails(
                name: visit.form["name"], address: lines, businessNumber: visit.form["abn"])
            try await cloud.processing.beInvoiced(details, by: visit.requester())
        } catch let refusal as Refusal where refusal.code == .invalid {
            return try await page(visit, refusal)
        }
        return .seeOther("/payment?done=set")
    }

    /// The processor's page is led to by a link: our pages post nowhere else, and are not sent elsewhere by a post.
    @Sendable func beginCard(_ visit: Visit) async throws -> Answer {
        let url = try await cloud.processing.beginSetup(
            returningTo: "\(visit.address)/payment", by: visit.requester())
        guard let link = Link(outside: url) else {
            throw Refusal(.unavailable, "The processor's page cannot be opened")
        }
        let body: HTML = """
            <div class="narrow card"><h1>Your card</h1><p>It is entered on our payment processor's page; we never see \
            its number.</p><p><a class="button" href="\(link)" rel="noreferrer">Go there</a></p></div>
            """
        return visit.page(Page("Your card", at: .account, body))
    }

    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let account = try visit.person().account
        let standing = try await cloud.accounts.standing(of: account)
        let details = try await cloud.billing.billingDetails(of: account)
        let takesCards = cloud.processing.payments.chargesCards
        let kept = try await cloud.processing.card(of: account)
        let words: HTML =
            standing.hindrance.map { #"<p class="notice bad">\#($0).</p>"# }
            ?? #"<p class="notice good">Everything is set: this account may deploy.</p>"#
        let form: HTML = """
            \(Field.line(
                "Name or company", "name", value: refusal == nil ? details?.name ?? "" : visit.form["name"],
                complete: "organization", refusal: refusal))
            \(Field.area(
                "Address", "address",
                value: refusal == nil ? details?.address.joined(separator: "\n") ?? "" : visit.form["address"],
                hint: "As it is to stand on invoices", refusal: refusal))
            \(Field.line(
                "ABN", "abn", value: refusal == nil ? details?.businessNumber?.digits ?? "" : visit.form["abn"],
                hint: "If you have one", required: false, refusal: refusal))
            <button class="button">\(takesCards ? "Keep" : "Pay by invoice")</button>
            """
        let card: HTML =
            takesCards
            ? """
            <section class="card"><h2>By card</h2><p class="soft">\(kept?.label ?? "No card yet.")</p>\
            \(visit.button("Enter a card", "/payment/card", class: "button"))</section>
            """ : .empty
        let body: HTML = """
            <div class="head"><h1>Payment</h1></div>\(words)\
            \(Field.summary(refusal, besides: ["name", "address", "abn"]))
            \(card)<section class="card"><h2>\(takesCards ? "Invoices" : "By invoice")</h2>\
            <p class="soft">At the end of each month you are sent an invoice for \
            what ran, to the second.</p>\(visit.form("/payment", form))</section>
            """
        let notice: Page.Notice? = visit.query["done"] == "set" ? .good("Your billing details are kept.") : nil
        return visit.page(Page("Payment", at: .account, notice: notice, body), refused: refusal)
    }
}
