-- Gives the role of the running site its rights: after init, after each upgrade, after a restore. Run it as the owner of the tables:
--   . @directory@/owner.env; psql "$THROUGHWAY_DATABASE_URL" < @directory@/rights.sql
GRANT USAGE ON SCHEMA public TO "@user@";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "@user@";
-- The ledger is only ever added to.
REVOKE UPDATE, DELETE ON gate_furtherevent, gate_ledgerentry, gate_ledgerhead, gate_ledgerleaf, gate_ledgersieve FROM "@user@";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "@user@";
