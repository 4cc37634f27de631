-- What people make of an alert, and who did so, when and why.
ALTER TABLE alerts
  ADD COLUMN status varchar(20) NOT NULL DEFAULT 'open'
    CONSTRAINT alerts_status_known
      CHECK (status IN ('open', 'acknowledged', 'resolved', 'false_positive')),
  ADD COLUMN deleted boolean NOT NULL DEFAULT false,
  ADD COLUMN version integer NOT NULL DEFAULT 0,
  ADD COLUMN changed_at timestamptz,
  ADD COLUMN changed_by varchar(255),
  ADD COLUMN change_reason text;

-- Most alerts are open; without them the index costs an insert nothing.
CREATE INDEX alerts_status ON alerts (status, timestamp DESC) WHERE status <> 'open';

CREATE TABLE alert_changes (
  alert_id uuid NOT NULL,
  version integer NOT NULL,
  status varchar(20) NOT NULL,
  deleted boolean NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by varchar(255) NOT NULL,
  change_reason text NOT NULL,
  PRIMARY KEY (alert_id, version)
);
