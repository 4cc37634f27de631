-- Notifications that still have to leave the platform, written in the transaction of their alert.
-- Deliberately without a foreign key: other writers may empty the table alerts.
CREATE TABLE notification_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert_id uuid NOT NULL,
  channel varchar(64) NOT NULL,
  queued_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,          -- while a worker has it: the end of the lease
  attempts integer NOT NULL DEFAULT 0,
  lease_token bigint NOT NULL DEFAULT 0,
  last_error text NOT NULL DEFAULT '',
  dead_at timestamptz,                  -- NULL: pending
  UNIQUE (alert_id, channel)
);
CREATE INDEX notification_outbox_due ON notification_outbox (channel, due_at, id)
  WHERE dead_at IS NULL;
CREATE INDEX notification_outbox_dead ON notification_outbox (id) WHERE dead_at IS NOT NULL;
