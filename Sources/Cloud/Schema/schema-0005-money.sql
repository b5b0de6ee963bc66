-- Everything before this moment is invoiced: no span begins or ends earlier any more, whatever the clock says.
CREATE TABLE billing_fence (
    slot BIGINT PRIMARY KEY CHECK (slot = 1),
    until BIGINT NOT NULL
);

INSERT INTO billing_fence (slot, until) VALUES (1, 0);

-- Months of which every invoice is issued.
CREATE TABLE closed_months (
    -- Such as 2026-11.
    month TEXT PRIMARY KEY,
    time_zone TEXT NOT NULL,
    period_start BIGINT NOT NULL,
    period_end BIGINT NOT NULL,
    closed_at BIGINT NOT NULL
);

-- What a daemon was last told of who sells, in which time zone, and when invoices are issued and due: one row, as JSON.
CREATE TABLE billing_terms (
    slot BIGINT PRIMARY KEY CHECK (slot = 1),
    terms TEXT NOT NULL,
    told_at BIGINT NOT NULL
);

-- How prices stand to goods and services tax, by the first month for which it holds; the first row also holds for
-- every month before it.
CREATE TABLE gst_terms (
    -- Such as 2026-11.
    month TEXT PRIMARY KEY,
    -- inclusive, exclusive or none.
    tax TEXT NOT NULL,
    told_at BIGINT NOT NULL
);

-- What servers alone have cost in the months that are invoiced, each month rounded by itself.
CREATE TABLE server_costs (
    server_id TEXT PRIMARY KEY REFERENCES servers (id),
    cents BIGINT NOT NULL CHECK (cents >= 0),
    -- The end of the last month that is in it.
    until BIGINT NOT NULL
);

-- What the plan was called when the span began; empty for spans older than this column.
ALTER TABLE spans ADD COLUMN plan_name TEXT NOT NULL DEFAULT '';

-- What an account owes on issued invoices, and what is held for it: the ledger's receivable and credit.
ALTER TABLE accounts ADD COLUMN owed_cents BIGINT NOT NULL DEFAULT 0 CHECK (owed_cents >= 0);

ALTER TABLE accounts ADD COLUMN credit_cents BIGINT NOT NULL DEFAULT 0 CHECK (credit_cents >= 0);

-- How much of that credit an operator granted: it is used before the customer's own money, and may be taken back.
ALTER TABLE accounts ADD COLUMN granted_cents BIGINT NOT NULL DEFAULT 0
    CHECK (granted_cents >= 0 AND granted_cents <= credit_cents);

-- Whether an invoice of it was written off, and no operator has said since that it may buy again.
ALTER TABLE accounts ADD COLUMN defaulted BIGINT NOT NULL DEFAULT 0 CHECK (defaulted IN (0, 1));

-- A span that goes on ends after all others: one range finds those that reach into a stretch of time.
CREATE INDEX spans_of_server ON spans (server_id, COALESCE(ended_at, 9223372036854775807));

CREATE INDEX spans_of_account_by_end ON spans (account_id, COALESCE(ended_at, 9223372036854775807));

CREATE INDEX spans_by_start ON spans (started_at);

-- How often servers were given another size, which is limited.
CREATE INDEX audit_of_resizes ON audit (subject, at) WHERE action = 'server.resize';

-- Who an invoice is made out to, where the customer has said so.
CREATE TABLE billing_details (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id),
    name TEXT NOT NULL,
    -- Lines of a postal address.
    address TEXT NOT NULL,
    -- Eleven digits, or empty.
    business_number TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Numbers without gaps: taken in the commit that uses them.
CREATE TABLE numbers (
    series TEXT PRIMARY KEY,
    next BIGINT NOT NULL
);

INSERT INTO numbers (series, next) VALUES ('invoice', 1), ('adjustment', 1);

-- As issued; they never change.
CREATE TABLE invoices (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    -- month: all use of one; domain: one order of a name.
    kind TEXT NOT NULL DEFAULT 'month' CHECK (kind IN ('month', 'domain')),
    -- Of an order: the one in which it was given.
    month TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    -- The month, or the term of a name that was bought.
    period_start BIGINT NOT NULL,
    period_end BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- inclusive, exclusive or none.
    tax TEXT NOT NULL,
    -- The sum of the lines, the tax in it or on it, and what is to be paid.
    sum_cents BIGINT NOT NULL,
    tax_cents BIGINT NOT NULL,
    total_cents BIGINT NOT NULL,
    -- JSON, as they were on the day.
    seller TEXT NOT NULL,
    buyer TEXT NOT NULL,
    -- How to pay it, in lines, as the operator's terms said on the day; empty where nothing is to be said.
    payment_instructions TEXT NOT NULL DEFAULT ''
);

CREATE UNIQUE INDEX invoices_once_a_month ON invoices (account_id, month) WHERE kind = 'month';

CREATE INDEX invoices_of_account ON invoices (account_id, number);

CREATE INDEX invoices_of_month ON invoices (month);

CREATE TABLE invoice_lines (
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    -- From 1, in the order in which they were rounded.
    position BIGINT NOT NULL,
    span_id TEXT NOT NULL REFERENCES spans (id),
    server_id TEXT NOT NULL,
    server_name TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    plan_name TEXT NOT NULL,
    price_cents BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    cents BIGINT NOT NULL,
    tax_cents BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, position)
);

-- What is still to be paid of each invoice, and how far its collection has come.
CREATE TABLE receivables (
    invoice_id TEXT PRIMARY KEY REFERENCES invoices (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    due_at BIGINT NOT NULL,
    -- The same as a date in the time zone of that day, such as 2026-12-15.
    due_on TEXT NOT NULL,
    open_cents BIGINT NOT NULL CHECK (open_cents >= 0),
    -- 0 due, 1 nothing new is sold, 2 servers are stopped, 3 servers are destroyed.
    stage BIGINT NOT NULL DEFAULT 0 CHECK (stage BETWEEN 0 AND 3),
    -- Whether an operator has asked that nobody press for it.
    held BIGINT NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
    -- How often its collection began anew, because a payment was reversed: dates and warnings count from then.
    round BIGINT NOT NULL DEFAULT 0,
    settled_at BIGINT
);

CREATE INDEX receivables_open ON receivables (account_id, due_at) WHERE open_cents > 0;

-- What took an invoice's open amount away, bit by bit, or gave it back.
CREATE TABLE settlements (
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    -- The transaction of the ledger that did.
    transaction_id TEXT NOT NULL,
    -- payment, credit, adjustment, bad-debt, or reversal of a payment, which is less than nothing.
    means TEXT NOT NULL,
    cents BIGINT NOT NULL CHECK (cents <> 0 AND (cents < 0) = (means = 'reversal')),
    at BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, transaction_id)
);

CREATE INDEX settlements_of_transaction ON settlements (transaction_id);

CREATE TABLE payments (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    cents BIGINT NOT NULL CHECK (cents > 0),
    -- Such as bank-transfer, card.
    method TEXT NOT NULL,
    -- The bank's or the processor's name for it: the same payment is recorded once.
    reference TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    -- Where it did not last: how much was taken out of the books again, when and why.
    reversed_cents BIGINT NOT NULL DEFAULT 0 CHECK (reversed_cents >= 0 AND reversed_cents <= cents),
    reversed_at BIGINT,
    reversal_reason TEXT,
    UNIQUE (method, reference)
);

CREATE INDEX payments_of_account ON payments (account_id, received_at);

CREATE TABLE credit_grants (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    cents BIGINT NOT NULL CHECK (cents > 0),
    reason TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    -- What was taken back of it, and when.
    revoked_cents BIGINT NOT NULL DEFAULT 0,
    revoked_at BIGINT
);

CREATE INDEX credit_grants_of_account ON credit_grants (account_id);

-- Corrections of issued invoices.
CREATE TABLE adjustments (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    issued_at BIGINT NOT NULL,
    -- By how much the invoice was too high, tax included, and the tax in that.
    cents BIGINT NOT NULL CHECK (cents > 0),
    tax_cents BIGINT NOT NULL CHECK (tax_cents >= 0),
    reason TEXT NOT NULL
);

CREATE INDEX adjustments_of_invoice ON adjustments (invoice_id);

CREATE INDEX adjustments_of_account ON adjustments (account_id);

-- What an operator calls an act upon an account's money: what was asked for once is done once.
CREATE TABLE money_acts (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    reference TEXT NOT NULL,
    -- grant, revoke, adjust, write-off, reverse or refund.
    act TEXT NOT NULL,
    -- The grant, the adjustment, the invoice or the payment; of a refund, the payment and the refund.
    subject TEXT NOT NULL,
    cents BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (account_id, reference)
);

-- Double entry: each posting takes from one account of the books what it gives to another.
CREATE TABLE ledger_transactions (
    id TEXT PRIMARY KEY,
    -- Such as invoice:{account}:{month} or domain:{order}:{year}: what happened once is posted once.
    key TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    at BIGINT NOT NULL,
    description TEXT NOT NULL
);

CREATE INDEX ledger_transactions_by_time ON ledger_transactions (at, id);

CREATE INDEX ledger_transactions_of_account ON ledger_transactions (account_id, at);

CREATE TABLE ledger_postings (
    transaction_id TEXT NOT NULL REFERENCES ledger_transactions (id),
    position BIGINT NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    cents BIGINT NOT NULL CHECK (cents > 0),
    PRIMARY KEY (transaction_id, position),
    CHECK (debit <> credit),
    CHECK (debit IN ('receivable', 'credit', 'revenue', 'gst-payable', 'processor-clearing', 'bad-debt',
        'unbilled')),
    CHECK (credit IN ('receivable', 'credit', 'revenue', 'gst-payable', 'processor-clearing', 'bad-debt',
        'unbilled'))
);

-- Letters to customers: written in the commit of what they tell, sent soon after.
CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    -- Such as invoice:{id} or cap:{account}:{month}:80: what is told once is written once.
    key TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    -- What kind of letter, and what it is about, as JSON.
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- When it is tried next; somebody who sends it moves this on first.
    next_at BIGINT NOT NULL,
    sent_at BIGINT,
    -- What took it when it was sent: sendmail, which delivers; outbox, a file; operator, who told the customer.
    carrier TEXT CHECK (carrier IN ('sendmail', 'outbox', 'operator')),
    -- When it had failed for so long that nobody tries any more.
    given_up_at BIGINT,
    CHECK ((sent_at IS NULL) = (carrier IS NULL))
);

CREATE INDEX mails_to_send ON mails (next_at) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- Letters whose detail is still kept: it is forgotten some time after they were sent, the row is not.
CREATE INDEX mails_sent ON mails (sent_at) WHERE sent_at IS NOT NULL AND detail <> '';

CREATE INDEX mails_given_up ON mails (account_id) WHERE given_up_at IS NOT NULL;
