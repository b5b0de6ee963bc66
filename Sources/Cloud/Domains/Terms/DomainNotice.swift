/// What happens to the term of a name's registration.
package struct DomainNotice: Hashable, Sendable, Codable {
    /// Names in the database; they never change.
    package enum Event: String, CaseIterable, Sendable, Codable {
        case expires
        case renewed
        case renewalFailed = "renewal-failed"
        case expired
        case transferred
    }

    /// Such as `mybusiness.com.au`.
    package let domain: String
    package let event: Event
    /// When the registration ends, such as `2027-11-23`.
    package let day: String
    /// How many days before that this is told; nil for what has happened.
    package let days: Int?
    package let autoRenews: Bool

    package init(domain: String, event: Event, day: String, days: Int?, autoRenews: Bool) {
        self.domain = domain
        self.event = event
        self.day = day
        self.days = days
        self.autoRenews = autoRenews
    }

    /// One letter for each event, term and mark.
    var key: String { "domain:\(domain):\(day):\(event.rawValue)" + (days.map { ":\($0)" } ?? "") }

    var text: LetterText {
        let end = LongDate.of(day)
        switch event {
        case .expires:
            let within = days == 1 ? "a day" : "\(days ?? 0) days"
            return LetterText(
                subject: "\(domain) expires within \(within)",
                paragraphs: [
                    "The registration of \(domain) ends on \(end).",
                    autoRenews
                        ? "It renews itself 30 days before, for one year; there is nothing for you to do but to have a "
                            + "payment method. To let it end, turn its auto_renew off."
                        : "It does not renew itself. Renew it before that day, or it is answered no more, and anybody "
                            + "may register it.",
                ])
        case .renewed:
            return LetterText(
                subject: "\(domain) is renewed", paragraphs: ["\(domain) is registered until \(end)."])
        case .renewalFailed:
            return LetterText(
                subject: "\(domain) could not be renewed",
                paragraphs: [
                    "The registration of \(domain) ends on \(end), and it could not be renewed. It is tried again each "
                        + "day.",
                    "See that your account has a payment method and that no invoice is overdue.",
                ])
        case .expired:
            return LetterText(
                subject: "\(domain) has expired",
                paragraphs: [
                    "The registration of \(domain) ended on \(end). It is answered no more, and its records are deleted."
                ])
        case .transferred:
            return LetterText(
                subject: "\(domain) has left",
                paragraphs: [
                    "\(domain) is with another registrar now. It is answered no more here, and its records are deleted.",
                    "If you did not ask for this, write to us at once.",
                ])
        }
    }
}
