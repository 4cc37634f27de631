-- Rules that matched events which are not there yet: another process took the event and stores it
-- only later. See EventStore::AddRules.
CREATE TABLE audit_event_waiting_rules (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL,
  timestamp timestamptz NOT NULL,     -- as of audit_events
  timestamp_nanos smallint NOT NULL,
  rule_id text NOT NULL,
  UNIQUE (event_id, timestamp, timestamp_nanos, rule_id)
);
