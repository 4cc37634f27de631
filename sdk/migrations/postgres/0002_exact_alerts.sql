-- What the contract's columns cannot hold: the nanoseconds below timestamptz's microseconds, and the
-- event's own bytes, of which jsonb forgets white space, the order of keys and the spelling of numbers.
-- Rows of other writers have neither: zero and NULL.
ALTER TABLE alerts
  ADD COLUMN timestamp_nanos smallint NOT NULL DEFAULT 0,
  ADD COLUMN received_nanos smallint NOT NULL DEFAULT 0,
  ADD COLUMN raw_event_text text;

-- The order of every list, for keyset pagination. Other writers may leave received_at NULL.
CREATE INDEX alerts_newest ON alerts (
  timestamp DESC, timestamp_nanos DESC, coalesce(received_at, timestamp) DESC, received_nanos DESC,
  alert_id DESC);
CREATE INDEX alerts_rule_id ON alerts (rule_id);
