-- The history of zones takes rows and keeps them.

CREATE TRIGGER dns_changes_keep_rows BEFORE UPDATE OR DELETE ON dns_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER dns_changes_are_not_emptied BEFORE TRUNCATE ON dns_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER invoice_purchases_keeps_rows BEFORE UPDATE OR DELETE ON invoice_purchases
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER invoice_purchases_is_not_emptied BEFORE TRUNCATE ON invoice_purchases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
