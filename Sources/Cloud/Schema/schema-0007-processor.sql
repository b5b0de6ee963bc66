-- What a payment processor knows of our customers. Nothing here is a secret: names of things at the processor, and what
-- a person may see of a card.
CREATE TABLE processor_customers (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id),
    -- The processor's name for the account.
    reference TEXT NOT NULL UNIQUE,
    -- When the last card that was taken away was entered, as in cards: no card of then or earlier comes back.
    removed_entered_at BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

-- The card an account's invoices are charged to.
CREATE TABLE cards (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id),
    -- The processor's names for the card and for whom it belongs to there.
    reference TEXT NOT NULL,
    customer TEXT NOT NULL,
    -- Such as "visa 4242".
    label TEXT NOT NULL,
    -- The last month in which it can be charged, such as 2028-04.
    expires_on TEXT NOT NULL,
    -- When the customer entered it, by the processor's clock, in seconds: an older one never takes its place.
    entered_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Each try to charge an invoice: written before the processor is asked, with all that it is asked.
CREATE TABLE charge_attempts (
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    -- From 1.
    attempt BIGINT NOT NULL CHECK (attempt >= 1),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    cents BIGINT NOT NULL CHECK (cents > 0),
    -- The processor's names of whom and what is charged.
    customer TEXT NOT NULL,
    card TEXT NOT NULL,
    -- What is known: asked (perhaps not even that), pending, unknown, succeeded, failed.
    state TEXT NOT NULL CHECK (state IN ('asked', 'pending', 'unknown', 'succeeded', 'failed')),
    -- The processor's name of the charge, once known.
    reference TEXT,
    -- What was taken, once that is known.
    taken_cents BIGINT,
    -- Why it failed, in words a customer may read.
    reason TEXT,
    -- Whether the same card may be tried again; null while nobody knows.
    is_retryable BIGINT CHECK (is_retryable IN (0, 1)),
    asked_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (invoice_id, attempt)
);

CREATE INDEX charge_attempts_of_account ON charge_attempts (account_id, asked_at);

-- What the processor has told us, once each: what an event is about is looked up, never believed.
CREATE TABLE processor_events (
    -- The processor's own.
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    -- When its subject was looked up and what followed from that was done; null while that is due.
    done_at BIGINT
);

CREATE INDEX processor_events_by_time ON processor_events (received_at);

-- What was given back at the processor itself, by none of our refunds: each is told to the operator once.
CREATE TABLE foreign_refunds (
    -- The processor's.
    reference TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    cents BIGINT NOT NULL,
    told_at BIGINT NOT NULL
);

-- Whether the daemon that serves this database charges cards: a card is no means of payment where nobody does.
CREATE TABLE card_charging (
    slot BIGINT PRIMARY KEY CHECK (slot = 1),
    charges_cards BIGINT NOT NULL CHECK (charges_cards IN (0, 1))
);

INSERT INTO card_charging (slot, charges_cards) VALUES (1, 1);

-- What was given back of a payment to the card it came from, or is on its way there.
ALTER TABLE payments ADD COLUMN refunded_cents BIGINT NOT NULL DEFAULT 0
    CHECK (refunded_cents >= 0 AND refunded_cents <= cents);

-- How many numbers of the series an operator has passed over: a database that was restored from a copy must not give
-- away again what customers have on paper.
ALTER TABLE numbers ADD COLUMN skipped BIGINT NOT NULL DEFAULT 0 CHECK (skipped >= 0);
