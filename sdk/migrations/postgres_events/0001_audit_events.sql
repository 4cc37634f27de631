-- The archive: every event with the ids of the rules that matched. Partitions are days in UTC; the
-- program makes one when the first event of a day comes in, and drops it when the day is too old.
CREATE TABLE audit_events (
  event_id uuid NOT NULL,
  timestamp timestamptz NOT NULL,
  timestamp_nanos smallint NOT NULL,  -- below the microsecond; likewise received_nanos
  has_time boolean NOT NULL,          -- false: the event stated no time; timestamp is received_at
  received_at timestamptz NOT NULL,
  received_nanos smallint NOT NULL,
  source_service text NOT NULL,       -- this and the following are empty where the event has none
  server_hostname text NOT NULL,
  event_type text NOT NULL,
  severity text NOT NULL,
  user_id text NOT NULL,
  action_result text NOT NULL,
  rule_ids text[] NOT NULL,
  raw text NOT NULL,                  -- the event's own bytes
  -- Also the order of every list. New events have new times: they go to the end of the index.
  PRIMARY KEY (timestamp, timestamp_nanos, event_id)
) PARTITION BY RANGE (timestamp);

CREATE INDEX audit_events_id ON audit_events (event_id);
CREATE INDEX audit_events_user ON audit_events (user_id, timestamp);
CREATE INDEX audit_events_host ON audit_events (server_hostname, timestamp);
CREATE INDEX audit_events_matched ON audit_events (timestamp) WHERE rule_ids <> '{}';

-- Times that no day was made for: long ago, far ahead.
CREATE TABLE audit_events_other PARTITION OF audit_events DEFAULT;
