import Kernel

/// What the rows must say of names and zones.
extension Invariant {
    static let domains = Invariant(
        id: "domains", sentence: "Each name that is held is watched over, and each order is being worked on",
        facts: [
            Fact(
                words: "it is pending, and nothing is under way on it",
                query: "SELECT id FROM domains WHERE state = 'pending' AND id NOT IN (\(subjects))"),
            Fact(
                words: "nobody watches over its registration",
                query: """
                    SELECT id FROM domains WHERE state IN ('active', 'deleted') AND id || '/term' NOT IN (\(subjects))
                    """),
            Fact(
                words: "it is signed, and nobody keeps its signature",
                query: """
                    SELECT id FROM domains WHERE (dnssec = 1 OR signed = 1) AND id || '/dnssec' NOT IN (\(subjects))
                    """),
            Fact(
                words: "an order of it is open, and nothing is under way on it",
                query: """
                    SELECT domain_id AS id FROM domain_orders WHERE state = 'open'
                        AND domain_id NOT IN (\(subjects)) AND domain_id || '/term' NOT IN (\(subjects))
                    """),
        ])

    static let zones = Invariant(
        id: "zones", sentence: "The name server answers what the database has, and no name points at what is gone",
        facts: [
            Fact(
                words: "the name server is behind",
                query: """
                    SELECT id || '/zone' AS id FROM domains
                    WHERE zone_synced < zone_version AND state IN ('active', 'deleted', 'expired', 'transferred')
                    """, movesWithWork: true),
            Fact(
                words: "a record points at its server where that is not",
                query: """
                    SELECT DISTINCT domain_id || '/zone' AS id FROM dns_records
                    JOIN servers ON servers.id = dns_records.server_id WHERE servers.public_ip <> dns_records.value
                    """, movesWithWork: true),
            Fact(
                words: "a record was made for a server that is gone",
                query: """
                    SELECT DISTINCT domain_id AS id FROM dns_records
                    JOIN servers ON servers.id = dns_records.server_id WHERE servers.removed_at IS NOT NULL
                    """),
            Fact(
                words: "its history is not whole",
                query: """
                    SELECT id FROM domains WHERE zone_version <> 1 + (
                        SELECT COUNT(*) FROM dns_changes WHERE dns_changes.domain_id = domains.id)
                    """),
        ])

    private static let subjects: SQL = "SELECT subject FROM workflows WHERE open = 1"
}
