-- One row is one event: what it is, when it was recorded, its author and why.
select event.position, event.topic, event.originator_id as aggregate,
       event.originator_version as version, event.recorded_at,
       stamp ->> 'actor' as actor, stamp ->> 'role' as role, stamp ->> 'office' as office,
       stamp ->> 'occurred' as occurred, stamp ->> 'reason' as reason
from only log.event
cross join lateral (select convert_from(event.state, 'UTF8')::jsonb -> 'stamp' as stamp) as state
where event.position = any(%(positions)s)
