-- Who runs the installation from the dashboard, what a key may do, and who failed to sign in.

ALTER TABLE accounts ADD COLUMN operator BIGINT NOT NULL DEFAULT 0 CHECK (operator IN (0, 1));

-- NULL: works until it is revoked.
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;

ALTER TABLE api_keys ADD COLUMN read_only BIGINT NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1));

-- The operator's own account, where one acted on another's.
ALTER TABLE audit ADD COLUMN operator_id TEXT;

CREATE INDEX audit_of_operators ON audit (at) WHERE actor IN ('admin', 'operator');
