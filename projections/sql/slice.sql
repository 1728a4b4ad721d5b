-- The rows of the log from which read models follow, aggregate after aggregate, of one slice of ids.
select position, originator_id, originator_version, topic, state, recorded_at
from only log.event
where originator_id between %s and %s and position <= %s and topic = any(%s)
order by originator_id, originator_version
