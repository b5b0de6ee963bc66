-- The history of zones takes rows and keeps them.

CREATE TRIGGER dns_changes_keep_rows BEFORE DELETE ON dns_changes
BEGIN
    SELECT RAISE(ABORT, 'the history of zones is append-only');
END;

CREATE TRIGGER dns_changes_keep_words BEFORE UPDATE ON dns_changes
BEGIN
    SELECT RAISE(ABORT, 'the history of zones is append-only');
END;

CREATE TRIGGER invoice_purchases_keeps_rows BEFORE DELETE ON invoice_purchases
BEGIN
    SELECT RAISE(ABORT, 'the invoice_purchases log is append-only');
END;

CREATE TRIGGER invoice_purchases_keeps_words BEFORE UPDATE ON invoice_purchases
BEGIN
    SELECT RAISE(ABORT, 'the invoice_purchases log is append-only');
END;
