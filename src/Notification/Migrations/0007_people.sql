-- A person who goes is taken out of the log as well: an answer of a mail server may name the address. Nothing else of an attempt is ever changed.
DROP TRIGGER mail_attempt_append_only ON mail_attempt;
CREATE TRIGGER mail_attempt_append_only BEFORE DELETE OR TRUNCATE ON mail_attempt FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER mail_attempt_keeps BEFORE UPDATE ON mail_attempt FOR EACH ROW
    WHEN (NEW.answer <> '' OR (OLD.id, OLD.mail_id, OLD.attempt, OLD.at, OLD.outcome, OLD.reason) IS DISTINCT FROM (NEW.id, NEW.mail_id, NEW.attempt, NEW.at, NEW.outcome, NEW.reason))
    EXECUTE FUNCTION refuse_rewriting();
