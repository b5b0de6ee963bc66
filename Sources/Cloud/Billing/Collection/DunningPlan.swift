import Kernel

/// What is done about an invoice that stays open, and when: days count from the day on which it was due.
enum DunningPlan {
    enum Act: Hashable, Sendable {
        /// Its card is charged, where there is one.
        case charge
        /// Its stage rises, and with it what the account may still do.
        case press(Stage)
        /// A letter reminds of it.
        case remind
    }

    /// As the database counts them.
    enum Stage: Int, Comparable, Sendable {
        /// Nothing new is sold.
        case nothingNew = 1
        case serversStopped = 2
        case serversDestroyed = 3

        /// Whether it takes something away that a customer must have been warned of.
        var takesServers: Bool { self >= .serversStopped }

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    struct Milestone: Hashable, Sendable {
        let day: Int
        let act: Act
    }

    static let milestones = [
        Milestone(day: 0, act: .charge), Milestone(day: 1, act: .charge), Milestone(day: 3, act: .charge),
        Milestone(day: 5, act: .charge), Milestone(day: 7, act: .charge),
        Milestone(day: 7, act: .press(.nothingNew)), Milestone(day: 14, act: .press(.serversStopped)),
        Milestone(day: 21, act: .remind), Milestone(day: 28, act: .remind),
        Milestone(day: 30, act: .press(.serversDestroyed)),
    ]

    /// At the beginning of the day in the business's time zone, as the letters say.
    static func time(of milestone: Milestone, due: Instant, on calendar: BillingCalendar) -> Instant {
        max(due, calendar.midnight(daysAfter: milestone.day, due))
    }

    /// Whatever is later than this, be it that the invoice was held or that nobody was there, puts off all that
    /// follows: nobody loses a server without the days between the warnings.
    static let patience = Duration.seconds(6 * 3600)

    /// The warnings that go before a milestone.
    static func warnings(before milestone: Milestone) -> [Milestone] {
        milestones.filter { warning in
            warning.day < milestone.day && (warning.act == .remind || warning.act == .press(.nothingNew))
        }
    }
}

/// The letters of an invoice's collection, each written in the commit of what it tells.
enum CollectionLetters {
    static func onReaching(_ milestone: DunningPlan.Milestone, of invoice: InvoiceID) -> Letter? {
        switch milestone.act {
        case .charge: nil
        case .press(.nothingNew), .remind: .overdue(invoice, day: milestone.day)
        case .press(.serversStopped): .serversStopped(invoice)
        case .press(.serversDestroyed): .serversDestroyed(invoice)
        }
    }

    /// Each round of an invoice's collection warns anew.
    static func key(of letter: Letter, for account: AccountID, round: Int) -> String {
        letter.key(for: account) + (round > 0 ? ":\(round)" : "")
    }

    static func onFailure(of invoice: InvoiceID, attempt: Int) -> Letter {
        .paymentFailed(invoice, attempt: attempt)
    }
}
