extension Wire {
    /// A name of the account.
    package struct Domain: JSONWritable, Hashable {
        package let id: String
        package let domain: String
        package let status: String
        /// What it is delegated to; empty until it is active.
        package let nameservers: [String]
        /// Whether the name servers answer it.
        package let hostedZone: Bool
        /// Until when it is registered; null until it first was.
        package let expiresAt: Timestamp?
        package let autoRenew: Bool
        /// Whether it is kept from being transferred to another registrar.
        package let locked: Bool
        /// Why it could not be registered.
        package let failure: String?
        package let dnssec: Signing
        /// Counts the changes of its records, from 1.
        package let zoneVersion: Int
        package let createdAt: Timestamp

        package init(
            id: String, domain: String, status: String, nameservers: [String], hostedZone: Bool,
            expiresAt: Timestamp?, autoRenew: Bool, locked: Bool, failure: String?, dnssec: Signing,
            zoneVersion: Int, createdAt: Timestamp
        ) {
            self.id = id
            self.domain = domain
            self.status = status
            self.nameservers = nameservers
            self.hostedZone = hostedZone
            self.expiresAt = expiresAt
            self.autoRenew = autoRenew
            self.locked = locked
            self.failure = failure
            self.dnssec = dnssec
            self.zoneVersion = zoneVersion
            self.createdAt = createdAt
        }

        package func write(to writer: inout JSONWriter) {
            writer.object(writeFields)
        }

        func writeFields(to writer: inout JSONWriter) {
            writer.field("id", id)
            writer.field("domain", domain)
            writer.field("status", status)
            writer.field("nameservers", nameservers)
            writer.field("hosted_zone", hostedZone)
            writer.field("expires_at", expiresAt)
            writer.field("auto_renew", autoRenew)
            writer.field("locked", locked)
            writer.field("failure", failure)
            writer.field("dnssec", dnssec)
            writer.field("zone_version", zoneVersion)
            writer.field("created_at", createdAt)
        }
    }

    /// How a name's answers are signed (DNSSEC).
    package struct Signing: JSONWritable, Hashable {
        /// A DS record, for the zone above.
        package struct Signer: JSONWritable, Hashable {
            package let keyTag: Int
            package let algorithm: Int
            package let digestType: Int
            /// Lower-case hexadecimal.
            package let digest: String

            package init(keyTag: Int, algorithm: Int, digestType: Int, digest: String) {
                self.keyTag = keyTag
                self.algorithm = algorithm
                self.digestType = digestType
                self.digest = digest
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("key_tag", keyTag)
                    writer.field("algorithm", algorithm)
                    writer.field("digest_type", digestType)
                    writer.field("digest", digest)
                }
            }
        }

        /// Whether they are to be signed.
        package let enabled: Bool
        /// Whether they are.
        package let signed: Bool
        package let ds: [Signer]

        package init(enabled: Bool, signed: Bool, ds: [Signer]) {
            self.enabled = enabled
            self.signed = signed
            self.ds = ds
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("enabled", enabled)
                writer.field("signed", signed)
                writer.field("ds", ds)
            }
        }
    }

    /// The answer of `POST /v1/domains`, and what must be known of it.
    package struct DomainOrdered: JSONWritable, Hashable {
        package let domain: Domain
        package let warnings: [String]

        package init(_ domain: Domain, warnings: [String]) {
            self.domain = domain
            self.warnings = warnings
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("data", domain)
                if !warnings.isEmpty { writer.field("warnings", warnings) }
            }
        }
    }

    /// The answer of `POST /v1/domains/{id}/connect`, under `data`.
    package struct ConnectedDomain: JSONWritable, Hashable {
        package let domain: Domain
        package let records: [DNSRecord]

        package init(_ domain: Domain, records: [DNSRecord]) {
            self.domain = domain
            self.records = records
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                domain.writeFields(to: &writer)
                writer.field("records", records)
            }
        }
    }

    /// The answer of `GET /v1/domains/{id}/transfer-code`, under `data`.
    package struct TransferCode: JSONWritable, Hashable {
        package let transferCode: String

        package init(transferCode: String) {
            self.transferCode = transferCode
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in writer.field("transfer_code", transferCode) }
        }
    }

    /// The answer of `DELETE /v1/domains/{id}`, under `data`.
    package struct DeletedDomain: JSONWritable, Hashable {
        package let id: String
        package let status: String

        package init(id: String, status: String) {
            self.id = id
            self.status = status
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                writer.field("status", status)
            }
        }
    }

    /// The answer of `POST /v1/domains/check`, under `data`.
    package struct DomainQuote: JSONWritable, Hashable {
        package let available: Bool
        package let domain: String
        /// In cents AUD for the first year; null when it is taken.
        package let priceCents: Int64?
        package let currency: String
        /// For each year after.
        package let renewalCents: Int64?

        package init(available: Bool, domain: String, priceCents: Int64?, currency: String, renewalCents: Int64?) {
            self.available = available
            self.domain = domain
            self.priceCents = priceCents
            self.currency = currency
            self.renewalCents = renewalCents
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("available", available)
                writer.field("domain", domain)
                writer.key("price_cents")
                priceCents.write(to: &writer)
                writer.field("currency", currency)
                writer.key("renewal_cents")
                renewalCents.write(to: &writer)
            }
        }
    }
}

extension Int64? {
    fileprivate func write(to writer: inout JSONWriter) {
        if let self { writer.integer(self) } else { writer.null() }
    }
}
