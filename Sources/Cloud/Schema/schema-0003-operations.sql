-- Whether the customer asked that the guest not be waited for: stop and reboot with "force".
ALTER TABLE servers ADD COLUMN cut_power BIGINT NOT NULL DEFAULT 0 CHECK (cut_power IN (0, 1));

-- When servers were started again because their machine died: at most three times in ten minutes.
CREATE TABLE server_restarts (
    server_id TEXT NOT NULL REFERENCES servers (id),
    at BIGINT NOT NULL
);

CREATE INDEX server_restarts_of_server ON server_restarts (server_id, at);

-- When the row was last written by a worker or a wake-up, on the clock of that moment: a row written in the
-- future tells that the clock was set back.
ALTER TABLE workflows ADD COLUMN touched_at BIGINT NOT NULL DEFAULT 0;

-- Answers to requests that carried an Idempotency-Key, each written in the commit of its effect.
CREATE TABLE repeats (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    idempotency_key TEXT NOT NULL,
    -- SHA-256 of method, path and body.
    fingerprint TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, idempotency_key)
);

CREATE INDEX repeats_by_age ON repeats (created_at);

-- Which of the acts in the log came with an Idempotency-Key: each key has at most one within its 48 hours.
ALTER TABLE audit ADD COLUMN idempotency_key TEXT;

CREATE INDEX audit_of_idempotency_key ON audit (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
