-- People: who signs in, from where, and what was mailed to prove it.

-- An account that an operator made counts as confirmed; one that was signed up for waits for its letter.
ALTER TABLE accounts ADD COLUMN unconfirmed BIGINT NOT NULL DEFAULT 0 CHECK (unconfirmed IN (0, 1));

ALTER TABLE accounts ADD COLUMN closed_at BIGINT;

-- Which session an act was done in; NULL for keys and the command line.
ALTER TABLE audit ADD COLUMN session_id TEXT;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    -- SHA-256 of the token in the cookie, which is kept nowhere.
    digest TEXT NOT NULL UNIQUE,
    -- code: the password was right and the second factor is asked for; open: signed in.
    stage TEXT NOT NULL CHECK (stage IN ('code', 'open')),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    -- When it ends whatever happens.
    expires_at BIGINT NOT NULL,
    -- When the password was given last.
    proved_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    -- What the browser says it is, cut short; shown, never interpreted.
    browser TEXT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX sessions_of_account ON sessions (account_id) WHERE ended_at IS NULL;

CREATE INDEX sessions_by_age ON sessions (expires_at);

-- What somebody has to prove by what was mailed to them: once, and only for a while.
CREATE TABLE proofs (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('confirm', 'reset', 'change')),
    -- Where the letter goes.
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Used, or overtaken by another act.
    ended_at BIGINT
);

CREATE INDEX proofs_of_account ON proofs (account_id, created_at);

-- A token is made when its letter is: each attempt at sending has its own, and each is good for its proof.
CREATE TABLE proof_tokens (
    digest TEXT PRIMARY KEY,
    proof_id TEXT NOT NULL REFERENCES proofs (id),
    expires_at BIGINT NOT NULL
);

CREATE INDEX proof_tokens_of_proof ON proof_tokens (proof_id);

CREATE INDEX proof_tokens_by_age ON proof_tokens (expires_at);

-- How often somebody tried in vain, by a digest of what was tried: an unknown address is counted like a known one.
CREATE TABLE attempts (
    subject TEXT PRIMARY KEY,
    count BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- Nothing is tried before.
    next_at BIGINT NOT NULL
);

CREATE INDEX attempts_by_age ON attempts (at);

-- The secret that an authenticator application shares with us.
CREATE TABLE authenticators (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id),
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When a first code proved that the application has it; until then it is not asked for.
    enabled_at BIGINT,
    -- The last time step whose code was taken: no code is taken twice.
    last_step BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    digest TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, digest)
);
