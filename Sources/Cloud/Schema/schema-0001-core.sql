-- Times are microseconds since 1970 UTC; money is whole cents AUD; JSON is text.
-- A statement ends with a semicolon at the end of a line, followed by an empty line or the end.

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Servers neither terminated nor in error, and the sum of what they reserve each month.
    servers BIGINT NOT NULL DEFAULT 0 CHECK (servers >= 0),
    committed_cents BIGINT NOT NULL DEFAULT 0 CHECK (committed_cents >= 0),
    server_limit BIGINT NOT NULL CHECK (server_limit >= 0),
    spend_cap_cents BIGINT NOT NULL CHECK (spend_cap_cents >= 0),
    rate_per_hour BIGINT,
    -- Whether the account may buy, with the reason beside it: written by whatever changes either.
    may_buy BIGINT NOT NULL CHECK (may_buy IN (0, 1)),
    may_buy_reason TEXT NOT NULL,
    suspended BIGINT NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1))
);

CREATE TABLE payment_methods (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX payment_methods_of_account ON payment_methods (account_id);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    first_four TEXT NOT NULL,
    last_four TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE INDEX api_keys_of_account ON api_keys (account_id);

CREATE TABLE ssh_keys (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, fingerprint)
);

CREATE TABLE servers (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    plan_name TEXT NOT NULL,
    vcpu BIGINT NOT NULL,
    ram_mib BIGINT NOT NULL,
    storage_gib BIGINT NOT NULL,
    price_cents BIGINT NOT NULL,
    -- What this server takes of the account's committed_cents; 0 once it is terminated or in error.
    reserved_cents BIGINT NOT NULL,
    region_id TEXT NOT NULL,
    engine TEXT NOT NULL,
    image_id TEXT NOT NULL,
    ssh_user TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('pending', 'provisioning', 'running', 'stopping', 'stopped', 'error', 'terminated')),
    -- What the customer wants it to be; workflows look at it before each step.
    desired TEXT NOT NULL CHECK (desired IN ('running', 'stopped', 'gone')),
    public_ip TEXT,
    ssh_port BIGINT NOT NULL,
    failure_code TEXT,
    failure_message TEXT,
    created_at BIGINT NOT NULL,
    terminated_at BIGINT,
    -- When the engine had nothing left of it.
    removed_at BIGINT,
    CHECK (state NOT IN ('error', 'terminated') OR (desired = 'gone' AND reserved_cents = 0 AND public_ip IS NULL)),
    CHECK ((state = 'terminated') = (terminated_at IS NOT NULL))
);

CREATE INDEX servers_listed ON servers (account_id, created_at, id) WHERE state <> 'terminated';

CREATE INDEX servers_with_machines ON servers (engine) WHERE removed_at IS NULL;

-- What is billed: contiguous stretches of one plan at one price.
CREATE TABLE spans (
    id TEXT PRIMARY KEY,
    server_id TEXT NOT NULL REFERENCES servers (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    plan_id TEXT NOT NULL,
    price_cents BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    CHECK (ended_at IS NULL OR ended_at >= started_at)
);

CREATE UNIQUE INDEX spans_open ON spans (server_id) WHERE ended_at IS NULL;

CREATE INDEX spans_of_account ON spans (account_id, started_at);

CREATE TABLE workflows (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Whose turn it takes; empty for the installation's own work.
    account_id TEXT NOT NULL,
    -- How long the account's queue was when this began: see Claim.
    lane BIGINT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    open BIGINT NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
    run_at BIGINT NOT NULL,
    -- The fencing token: raised by each claim, demanded by each save.
    epoch BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    node TEXT,
    wakes BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    note TEXT,
    deadline BIGINT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    outcome TEXT
);

CREATE UNIQUE INDEX workflows_subject ON workflows (subject) WHERE open = 1;

CREATE INDEX workflows_due ON workflows (lane, run_at) WHERE open = 1;

CREATE INDEX workflows_of_account ON workflows (account_id) WHERE open = 1;

CREATE INDEX workflows_finished ON workflows (finished_at) WHERE open = 0;

CREATE TABLE workflow_events (
    workflow_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    at BIGINT NOT NULL,
    step TEXT NOT NULL,
    outcome TEXT NOT NULL,
    milliseconds BIGINT NOT NULL,
    note TEXT
);

CREATE INDEX workflow_events_of_subject ON workflow_events (subject, at);

-- Who did what, from where, with which key. Append-only.
CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    -- api, admin or system.
    actor TEXT NOT NULL,
    key_id TEXT,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE INDEX audit_of_account ON audit (account_id, at);

-- The machines of the simulated engine, so that every process that shares the database sees them.
CREATE TABLE simulated_machines (
    id TEXT PRIMARY KEY,
    powered BIGINT NOT NULL CHECK (powered IN (0, 1)),
    ready_at BIGINT NOT NULL,
    -- The place in 127.64.0.0/10; 0 for what never had one.
    address BIGINT NOT NULL,
    hostname TEXT NOT NULL,
    vcpu BIGINT NOT NULL,
    ram_mib BIGINT NOT NULL,
    storage_gib BIGINT NOT NULL,
    -- A destroyed machine's token stays burnt: a late launch makes nothing.
    destroyed_at BIGINT
);

CREATE UNIQUE INDEX simulated_machines_address ON simulated_machines (address) WHERE destroyed_at IS NULL;

CREATE TABLE simulated_addresses (
    slot BIGINT PRIMARY KEY CHECK (slot = 1),
    next BIGINT NOT NULL
);

INSERT INTO simulated_addresses (slot, next) VALUES (1, 1);
