import Kernel

extension Cloud {
    /// How long it is kept what a letter that was sent was about.
    static let lettersKept = Duration.seconds(90 * 86_400)

    private static let lettersInOneCommit = 200

    /// Forgets what letters were about some time after they were sent. That they were sent, when and by what, is kept
    /// for ever, under their keys: nobody is told a thing twice.
    /// - Throws: what the database throws; to be called again some other time.
    func forgetLetters() async throws {
        let horizon = time.now - Self.lettersKept
        while true {
            let forgotten = try await database.commit(
                [
                    Write(
                        "house.letters", touching: Write.anyNumber,
                        """
                        UPDATE mails SET detail = '' WHERE sent_at < \(horizon) AND detail <> '' AND id IN (
                            SELECT id FROM mails WHERE sent_at < \(horizon) AND detail <> ''
                            ORDER BY sent_at LIMIT \(Self.lettersInOneCommit))
                        RETURNING sent_at
                        """)
                ], urgency: .background)[0]
            if forgotten.count < Self.lettersInOneCommit { return }
        }
    }
}
