-- An extract that some file of this delivery fed, if only with no rows: then no row means that there was none to tell.
-- Grain: one row per extract_id
-- Reads: raw.source_feed
-- An extract that is not here was not delivered: nothing is known of what it would have told.
SELECT DISTINCT extract_id
FROM raw.source_feed
