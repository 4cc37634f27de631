-- The table of the wire contract. One that the Python service made is taken over as it is, rows and all.
CREATE TABLE IF NOT EXISTS alerts (
  alert_id uuid PRIMARY KEY,
  correlation_id uuid NOT NULL,
  timestamp timestamptz NOT NULL,
  received_at timestamptz DEFAULT now(),
  alert_name varchar(255) NOT NULL,
  alert_type varchar(50) NOT NULL,
  severity varchar(50) NOT NULL,
  description text,
  source_service_name varchar(255),
  rule_id varchar(255),
  rule_name varchar(255),
  actor_type varchar(50),
  actor_id varchar(255),
  client_ip inet,
  resource_type varchar(50),
  resource_id varchar(255),
  server_hostname varchar(255),
  action_observed varchar(255),
  analysis_rule_details jsonb,
  triggered_by_details jsonb,
  impacted_resource_details jsonb,
  metadata jsonb,
  raw_event_data jsonb NOT NULL
);

-- A table that only has the name in common is left alone.
DO $check$
DECLARE
  lacking text;
BEGIN
  SELECT string_agg(wanted.name || ' ' || wanted.type, ', ') INTO lacking
  FROM (VALUES
      ('alert_id', 'uuid'), ('correlation_id', 'uuid'), ('timestamp', 'timestamptz'),
      ('received_at', 'timestamptz'), ('alert_name', 'varchar'), ('alert_type', 'varchar'),
      ('severity', 'varchar'), ('description', 'varchar'), ('source_service_name', 'varchar'),
      ('rule_id', 'varchar'), ('rule_name', 'varchar'), ('actor_type', 'varchar'),
      ('actor_id', 'varchar'), ('client_ip', 'inet'), ('resource_type', 'varchar'),
      ('resource_id', 'varchar'), ('server_hostname', 'varchar'), ('action_observed', 'varchar'),
      ('analysis_rule_details', 'jsonb'), ('triggered_by_details', 'jsonb'),
      ('impacted_resource_details', 'jsonb'), ('metadata', 'jsonb'), ('raw_event_data', 'jsonb')
    ) AS wanted (name, type)
  WHERE NOT EXISTS (
    SELECT FROM pg_attribute AS a
    WHERE a.attrelid = 'alerts'::regclass AND a.attname = wanted.name AND NOT a.attisdropped
      AND (a.atttypid = wanted.type::regtype
           OR wanted.type = 'varchar' AND a.atttypid = 'text'::regtype));
  IF lacking IS NOT NULL THEN
    RAISE EXCEPTION 'there is a table alerts that is not AuditFlow''s; it lacks %', lacking;
  END IF;
  IF NOT EXISTS (
    SELECT FROM pg_index AS i
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = 'alerts'::regclass AND i.indisunique AND i.indnkeyatts = 1
      AND i.indpred IS NULL AND a.attname = 'alert_id')
  THEN
    RAISE EXCEPTION 'the table alerts does not keep alert_id unique';
  END IF;
END
$check$;

-- Indexes, where there is not one already, whatever its name. (The one on the timestamp is part of
-- the next migration's.)
DO $indexes$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('alert_type', 'btree'), ('severity', 'btree'), ('actor_id', 'btree'),
      ('server_hostname', 'btree'), ('rule_name', 'btree'), ('metadata', 'gin'),
      ('raw_event_data', 'gin')) AS list (name, method)
  LOOP
    IF NOT EXISTS (
      SELECT FROM pg_index AS i
      JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = 'alerts'::regclass AND a.attname = wanted.name)
    THEN
      EXECUTE format('CREATE INDEX %I ON alerts USING %s (%I)',
                     'alerts_' || wanted.name, wanted.method, wanted.name);
    END IF;
  END LOOP;
END
$indexes$;
