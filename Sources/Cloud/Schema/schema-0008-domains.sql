-- Names that customers have registered with us, or are about to.
CREATE TABLE domains (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    -- Lower case, A-labels, no trailing dot.
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'failed', 'deleted', 'expired', 'transferred')),
    registrar TEXT NOT NULL,
    -- Until when it is registered; NULL until it first was.
    expires_at BIGINT,
    auto_renew BIGINT NOT NULL DEFAULT 1 CHECK (auto_renew IN (0, 1)),
    -- Whether it may be transferred to another registrar: not while locked.
    locked BIGINT NOT NULL DEFAULT 1 CHECK (locked IN (0, 1)),
    failure TEXT,
    -- Whether its answers are to be signed.
    dnssec BIGINT NOT NULL DEFAULT 0 CHECK (dnssec IN (0, 1)),
    -- Whether they are.
    signed BIGINT NOT NULL DEFAULT 0 CHECK (signed IN (0, 1)),
    -- What the registry publishes of its keys, or may: DS records, one a line.
    ds TEXT NOT NULL DEFAULT '',
    -- Counts the changes of its records; a change is made against the version it was read at.
    zone_version BIGINT NOT NULL DEFAULT 1,
    -- The version that the name server answers; 0 before it ever did.
    zone_synced BIGINT NOT NULL DEFAULT 0,
    -- The serial of the name server's zone at that version.
    zone_serial BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
);

-- Who registers a name holds it, also while it is deleted from the list, until the registry lets it go.
CREATE UNIQUE INDEX domains_held ON domains (name) WHERE state IN ('pending', 'active', 'deleted');

CREATE INDEX domains_of_account ON domains (account_id, created_at, id);

CREATE INDEX domains_by_expiry ON domains (expires_at) WHERE state IN ('active', 'deleted');

-- What the registrar was asked to do, each once: the id is the token it knows the order by.
CREATE TABLE domain_orders (
    id TEXT PRIMARY KEY,
    domain_id TEXT NOT NULL REFERENCES domains (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    -- register, renew or transfer.
    kind TEXT NOT NULL,
    years BIGINT NOT NULL,
    cents BIGINT NOT NULL,
    -- Of a transfer: what the holder proves it by, until it is over.
    code TEXT,
    -- Of a renewal: the day it runs on from.
    renews_from BIGINT,
    -- Who it was ordered for, as JSON, where the registry asks.
    registrant TEXT,
    -- open, done or failed.
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed')),
    ordered_at BIGINT NOT NULL,
    closed_at BIGINT
);

CREATE INDEX domain_orders_of_domain ON domain_orders (domain_id, ordered_at);

CREATE UNIQUE INDEX domain_orders_open ON domain_orders (domain_id) WHERE state = 'open';

CREATE INDEX domain_orders_of_account ON domain_orders (account_id, ordered_at);

-- What an invoice of a name is for, as issued: its one line.
CREATE TABLE invoice_purchases (
    invoice_id TEXT PRIMARY KEY REFERENCES invoices (id),
    order_id TEXT NOT NULL UNIQUE REFERENCES domain_orders (id),
    domain_id TEXT NOT NULL REFERENCES domains (id),
    domain TEXT NOT NULL,
    -- register, renew or transfer.
    act TEXT NOT NULL,
    years BIGINT NOT NULL,
    -- The term that was bought.
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    cents BIGINT NOT NULL,
    tax_cents BIGINT NOT NULL
);

-- One row for each value.
CREATE TABLE dns_records (
    id TEXT PRIMARY KEY,
    domain_id TEXT NOT NULL REFERENCES domains (id),
    -- Absolute, without a trailing dot.
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    -- In canonical form.
    value TEXT NOT NULL,
    -- Seconds.
    ttl BIGINT NOT NULL,
    -- The server it was made for by connect, whose address it follows.
    server_id TEXT REFERENCES servers (id)
);

CREATE UNIQUE INDEX dns_records_once ON dns_records (domain_id, name, type, value);

CREATE INDEX dns_records_of_server ON dns_records (server_id) WHERE server_id IS NOT NULL;

CREATE INDEX dns_records_by_address ON dns_records (value) WHERE type IN ('A', 'AAAA');

-- Every change of a zone's records, for ever: what each set at (name, type) was and became.
CREATE TABLE dns_changes (
    domain_id TEXT NOT NULL REFERENCES domains (id),
    -- The version the change made.
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- api, admin or system, and the key it came with.
    actor TEXT NOT NULL,
    key_id TEXT,
    -- upsert, remove, replace, import, revert, connect, follow, disconnect, sign, unsign, delete, restore or
    -- lapse.
    act TEXT NOT NULL,
    -- JSON: for each set its name, type, and what it was and became.
    sets TEXT NOT NULL,
    -- JSON: which values began or ceased to follow a server.
    links TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (domain_id, version)
);

-- Where a server was until it was terminated: names that point there are taken away before its machine is.
ALTER TABLE servers ADD COLUMN last_ip TEXT;

-- Who an account's names are registered to, as JSON.
CREATE TABLE registrants (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id),
    detail TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- The registry of the sandbox registrar: no name in it is real.
CREATE TABLE sandbox_names (
    name TEXT PRIMARY KEY,
    -- The order that brought it here; empty when somebody else holds it.
    token TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- With spaces between.
    name_servers TEXT NOT NULL,
    locked BIGINT NOT NULL CHECK (locked IN (0, 1)),
    code TEXT NOT NULL,
    -- DS records, one a line.
    ds TEXT NOT NULL DEFAULT ''
);

CREATE TABLE sandbox_orders (
    token TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- How often it was sent.
    sends BIGINT NOT NULL,
    -- Until then it is pending.
    due_at BIGINT NOT NULL,
    -- Why it is refused.
    refusal TEXT,
    expires_at BIGINT NOT NULL
);
