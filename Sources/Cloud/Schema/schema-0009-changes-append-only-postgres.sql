-- The history of zones takes rows and keeps them.

CREATE TRIGGER dns_changes_keep_rows BEFORE UPDATE OR DELETE ON dns_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER dns_changes_are_not_emptied BEFORE TRUNCATE ON dns_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
