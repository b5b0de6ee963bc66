-- Whose database this is: the data directories of its nodes say the same.
CREATE TABLE installation (
    slot BIGINT PRIMARY KEY CHECK (slot = 1),
    id TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Engines whose machines are all on one host, and the node that has them.
CREATE TABLE engine_hosts (
    engine TEXT PRIMARY KEY,
    node TEXT NOT NULL
);
