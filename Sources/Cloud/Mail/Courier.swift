import Kernel
import Logging

/// Sends the letters that were written, each at least once: who dies between handing a letter over and noting so has
/// it handed over again, with the same `Message-ID`. Several couriers share the letters and never send one at once.
package struct Courier: Sendable {
    let database: any Database
    let composer: ComposeLetter
    let post: any Post
    let time: any Timekeeper
    let logger: Logger

    /// How often to look for letters.
    package static let interval = Duration.seconds(2)

    /// How many letters are handed over at a time: one that hangs keeps the others waiting for no longer than itself.
    private static let width = 4
    private static let batch = 100

    /// Whoever takes a letter has it for this long; longer than `limit`, also where clocks differ.
    static let lease = Duration.seconds(300)
    /// How long one letter may take to be handed over.
    static let limit = Duration.seconds(120)

    /// After the first attempts; all later ones follow each other by an hour.
    private static let firstPauses: [Duration] = [.seconds(60), .seconds(300), .seconds(900)]
    private static let laterPause = Duration.seconds(3600)
    /// Three days.
    static let mostAttempts = 76

    static func pause(after attempts: Int) -> Duration {
        (1...firstPauses.count).contains(attempts) ? firstPauses[attempts - 1] : laterPause
    }

    /// Sends what is due now; nothing is written where nothing is.
    /// - Parameter goesOn: asked before each letter; those under way are finished.
    /// - Returns: how many letters went out.
    /// - Throws: what the database throws while it looks. What goes wrong with a letter is logged, and the letter is
    ///   tried again.
    @discardableResult
    package func deliverDue(while goesOn: @escaping @Sendable () -> Bool = { true }) async throws -> Int {
        var delivered = 0
        while goesOn() {
            let due = try await self.due()
            let now = await deliver(due, while: goesOn)
            delivered += now
            // Where nothing goes, going on at once would only be faster.
            if due.count < Self.batch || now == 0 { break }
        }
        return delivered
    }

    /// A letter as it was seen, before anybody took it.
    private struct Due: Sendable {
        let id: MailID
        let account: AccountID
        let kind: String
        let detail: String
        let writtenAt: Instant
        let attempts: Int
    }

    /// A time far ahead is one from before the clock was set back.
    private func due() async throws -> [Due] {
        let now = time.now
        return try await database.read(
            """
            SELECT id, account_id, kind, detail, created_at, attempts FROM mails
            WHERE sent_at IS NULL AND given_up_at IS NULL
                AND (next_at <= \(now) OR next_at > \(now + Self.laterPause + Self.lease))
            ORDER BY next_at, id LIMIT \(Self.batch)
            """
        ).map { row in
            Due(
                id: try row.identifier("id"), account: try row.identifier("account_id"), kind: try row.text("kind"),
                detail: try row.text("detail"), writtenAt: try row.instant("created_at"),
                attempts: try row.int("attempts"))
        }
    }

    private func deliver(_ letters: [Due], while goesOn: @escaping @Sendable () -> Bool) async -> Int {
        await withTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for (place, letter) in letters.enumerated() {
                if place >= Self.width, let outcome = await group.next() { outcomes.append(outcome) }
                guard goesOn(), !outcomes.contains(.stuck) else { break }
                group.addTask { await attempt(letter) }
            }
            for await outcome in group { outcomes.append(outcome) }
            return outcomes.count { $0 == .sent }
        }
    }

    private enum Outcome: Sendable {
        case sent
        case notSent
        /// The database takes no writes, and would not for the next letter either.
        case stuck
    }

    private func attempt(_ letter: Due) async -> Outcome {
        do {
            try await database.commit([taking(letter)], urgency: .background)
        } catch is Unmet {
            // Another courier was quicker.
            return .notSent
        } catch {
            logger.warning("cannot take a letter; it is tried again", metadata: about(letter, error))
            return .stuck
        }
        CrashPoint.reach("courier.taken")
        do {
            let matter = try Letter(kind: letter.kind, detail: letter.detail)
            let message = try await composer.message(
                matter, id: letter.id, to: letter.account, writtenAt: letter.writtenAt)
            try await TimeLimit.within(Self.limit, by: time) { [post] in try await post.deliver(message) }
        } catch {
            await postpone(letter, because: error)
            return .notSent
        }
        CrashPoint.reach("courier.posted")
        await conclude(letter, sending(letter.id))
        logger.debug("a letter is sent", metadata: about(letter))
        return .sent
    }

    private func postpone(_ letter: Due, because error: any Error) async {
        let attempts = letter.attempts + 1
        if attempts >= Self.mostAttempts {
            logger.critical("a letter is given up: nobody was told", metadata: about(letter, error))
            await conclude(letter, givingUp(letter))
        } else {
            let isTemporary = (error as? PostFailure)?.isTemporary == true
            logger.log(
                level: isTemporary ? .notice : .error, "a letter could not be sent; it is tried again",
                metadata: about(letter, error))
            await conclude(letter, postponing(letter, by: Self.pause(after: attempts)))
        }
    }

    /// A note that is not made now is made up for: the letter is found again when its lease is over.
    private func conclude(_ letter: Due, _ write: Write) async {
        do {
            try await database.commit([write], urgency: .background)
        } catch {
            logger.warning(
                "cannot note what became of a letter; it is sent again", metadata: about(letter, error))
        }
    }

    private func about(_ letter: Due, _ error: (any Error)? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "mail": "\(letter.id)", "account": "\(letter.account)", "kind": "\(letter.kind)",
        ]
        if let error { metadata["reason"] = "\(String("\(error)".prefix(300)))" }
        return metadata
    }
}

extension Courier {
    /// The count of attempts is the token: whoever raises it has the letter.
    private func taking(_ letter: Due) -> Write {
        Write(
            "mail.take",
            """
            UPDATE mails SET attempts = attempts + 1, next_at = \(time.now + Self.lease)
            WHERE id = \(letter.id) AND attempts = \(letter.attempts) AND sent_at IS NULL AND given_up_at IS NULL
            """)
    }

    /// Whoever sent it, it was sent.
    private func sending(_ id: MailID) -> Write {
        Write(
            "mail.sent", touching: 0...1,
            """
            UPDATE mails SET sent_at = \(time.now), carrier = \(post.carrier.rawValue), given_up_at = NULL
            WHERE id = \(id) AND sent_at IS NULL
            """)
    }

    private func postponing(_ letter: Due, by pause: Duration) -> Write {
        Write(
            "mail.postpone", touching: 0...1,
            """
            UPDATE mails SET next_at = \(time.now + pause)
            WHERE id = \(letter.id) AND attempts = \(letter.attempts + 1) AND sent_at IS NULL
            """)
    }

    private func givingUp(_ letter: Due) -> Write {
        Write(
            "mail.give-up", touching: 0...1,
            """
            UPDATE mails SET given_up_at = \(time.now)
            WHERE id = \(letter.id) AND attempts = \(letter.attempts + 1) AND sent_at IS NULL
            """)
    }
}

extension Cloud {
    /// What sends this cloud's letters by this post.
    package func courier(by post: any Post, letterhead: Letterhead, logger: Logger) -> Courier {
        Courier(
            database: database,
            composer: ComposeLetter(
                database: database, terms: billing.terms, letterhead: letterhead,
                smallestCharge: processing.payments.smallestCharge, time: time, randomness: accounts.randomness),
            post: post, time: time, logger: logger)
    }
}
