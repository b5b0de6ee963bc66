import Kernel

/// What the rows must say of letters, and of the collection they tell of.
extension Invariant {
    static let letters = Invariant(
        id: "letters", sentence: "Each letter to a customer was handed over, or is still tried",
        facts: [
            Fact(
                words: "it was given up: nobody was told",
                query: "SELECT id FROM mails WHERE given_up_at IS NOT NULL AND sent_at IS NULL")
        ])

    static let collections = Invariant(
        id: "collections", sentence: "Each open invoice is being collected",
        facts: [
            Fact(
                words: "nobody collects it",
                query: """
                    SELECT invoice_id AS id FROM receivables WHERE open_cents > 0
                        AND NOT EXISTS (SELECT 1 FROM workflows WHERE workflows.subject = receivables.invoice_id
                            AND workflows.open = 1 AND workflows.kind = 'collect-invoice')
                    """)
        ])
}
