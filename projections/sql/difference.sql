-- One row is one entry recorded between two readings, with the event that brought it, its author and why.
--
-- The last position is whole, however many entries it has.
with span (place, first, last) as (
    select * from unnest(%(span_places)s::integer[], %(span_firsts)s::date[], %(span_lasts)s::date[])
)
select journal.position, journal.indicator, journal.quantity, journal.occurred_on, journal.subject,
       place.centre, place.region,
       event.topic, event.originator_id as aggregate, event.originator_version as version,
       event.recorded_at,
       stamp ->> 'actor' as actor, stamp ->> 'role' as role, stamp ->> 'office' as office,
       stamp ->> 'occurred' as occurred, stamp ->> 'reason' as reason
from reading.journal
join span on journal.place = span.place
 and journal.occurred_on >= span.first and journal.occurred_on <= span.last
join reading.place on place.place = journal.place
join only log.event on event.position = journal.position
cross join lateral (select convert_from(event.state, 'UTF8')::jsonb -> 'stamp' as stamp) as state
where journal.position > %(from_position)s
  and journal.position <= %(to_position)s
  and journal.indicator = any(%(indicators)s)
order by journal.position
fetch first %(limit)s rows with ties
