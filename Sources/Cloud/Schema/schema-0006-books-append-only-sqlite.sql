-- What was issued and posted stays as it is.

CREATE TRIGGER ledger_transactions_keeps_rows BEFORE DELETE ON ledger_transactions
BEGIN
    SELECT RAISE(ABORT, 'the ledger_transactions log is append-only');
END;

CREATE TRIGGER ledger_transactions_keeps_words BEFORE UPDATE ON ledger_transactions
BEGIN
    SELECT RAISE(ABORT, 'the ledger_transactions log is append-only');
END;

CREATE TRIGGER ledger_postings_keeps_rows BEFORE DELETE ON ledger_postings
BEGIN
    SELECT RAISE(ABORT, 'the ledger_postings log is append-only');
END;

CREATE TRIGGER ledger_postings_keeps_words BEFORE UPDATE ON ledger_postings
BEGIN
    SELECT RAISE(ABORT, 'the ledger_postings log is append-only');
END;

CREATE TRIGGER invoices_keeps_rows BEFORE DELETE ON invoices
BEGIN
    SELECT RAISE(ABORT, 'the invoices log is append-only');
END;

CREATE TRIGGER invoices_keeps_words BEFORE UPDATE ON invoices
BEGIN
    SELECT RAISE(ABORT, 'the invoices log is append-only');
END;

CREATE TRIGGER invoice_lines_keeps_rows BEFORE DELETE ON invoice_lines
BEGIN
    SELECT RAISE(ABORT, 'the invoice_lines log is append-only');
END;

CREATE TRIGGER invoice_lines_keeps_words BEFORE UPDATE ON invoice_lines
BEGIN
    SELECT RAISE(ABORT, 'the invoice_lines log is append-only');
END;

CREATE TRIGGER settlements_keeps_rows BEFORE DELETE ON settlements
BEGIN
    SELECT RAISE(ABORT, 'the settlements log is append-only');
END;

CREATE TRIGGER settlements_keeps_words BEFORE UPDATE ON settlements
BEGIN
    SELECT RAISE(ABORT, 'the settlements log is append-only');
END;

CREATE TRIGGER adjustments_keeps_rows BEFORE DELETE ON adjustments
BEGIN
    SELECT RAISE(ABORT, 'the adjustments log is append-only');
END;

CREATE TRIGGER adjustments_keeps_words BEFORE UPDATE ON adjustments
BEGIN
    SELECT RAISE(ABORT, 'the adjustments log is append-only');
END;
