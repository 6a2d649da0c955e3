-- Within checking: all but the person's money lets them go, and payment may have closed the account, which can't be undone. Who comes back after a crash asks for
-- that alone. A replica of the version before does not see it and checks all again, as it did.
ALTER TABLE account_deletion ADD COLUMN closing boolean NOT NULL DEFAULT false;
