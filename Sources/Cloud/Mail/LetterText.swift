import Kernel

/// What a letter says.
struct LetterText: Hashable, Sendable {
    let subject: String
    /// Between the greeting and the signature.
    let paragraphs: [String]

    func body(from seller: Seller, at publicURL: String?) -> String {
        var signature = [OneLine.of(seller.name.isEmpty ? "CAIport" : seller.name)]
        if !seller.email.isEmpty { signature.append("Questions? Write to \(OneLine.of(seller.email))") }
        if let publicURL { signature.append(publicURL) }
        return (["Hello,"] + paragraphs + ["-- \n" + signature.joined(separator: "\n")]).joined(separator: "\n\n")
            + "\n"
    }
}

/// A date in words, such as `15 December 2026`.
enum LongDate {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// - Parameter date: such as `2026-12-15`; anything else is answered as it is.
    static func of(_ date: String) -> String {
        let parts = date.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, (1...12).contains(parts[1]) else { return date }
        return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
    }

    /// - Parameter month: such as `2026-12`; anything else is answered as it is.
    static func of(month: String) -> String {
        let parts = month.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 2, (1...12).contains(parts[1]) else { return month }
        return "\(months[parts[1] - 1]) \(parts[0])"
    }
}

extension CapAlert {
    var text: LetterText {
        let (committed, cap) = (Money(cents: committedCents), Money(cents: capCents))
        let rest = max(.zero, cap - committed)
        let outlook =
            rest > .zero
            ? "\(rest.text) a month can still be committed. What would go beyond the cap is refused; what runs goes on."
            : "Nothing more can be deployed, and no server can grow, until one is destroyed or the cap is raised. "
                + "What runs goes on."
        return LetterText(
            subject: "Your servers have reached \(percent)% of your spend cap",
            paragraphs: [
                "The servers of your account now cost \(committed.text) a month in all. That is \(percent)% or more of "
                    + "your spend cap of \(cap.text).",
                outlook,
                "This is told once for each of 50%, 80% and 100% in a calendar month; this one is for "
                    + "\(LongDate.of(month: month)).",
            ])
    }
}
