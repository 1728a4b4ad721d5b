-- One row is one thing that a number counts, after its corrections: what is listed adds up to the number.
--
-- Its date and place are those of the last entry that counts it, not of one that was taken back.
with span (place, first, last) as (
    select * from unnest(%(span_places)s::integer[], %(span_firsts)s::date[], %(span_lasts)s::date[])
),
hidden as materialized (
    select event.position from only log.event where event.originator_id = any(%(without)s::uuid[])
),
counted as (
    select journal.subject, sum(journal.quantity)::bigint as quantity,
           max(journal.position) as position,
           (array_agg(journal.occurred_on order by
               journal.quantity > 0 desc, journal.position desc, journal.occurred_on))[1] as occurred_on,
           (array_agg(journal.place order by
               journal.quantity > 0 desc, journal.position desc, journal.place))[1] as place
    from span
    join reading.journal
      on journal.place = span.place
     and journal.occurred_on >= span.first and journal.occurred_on <= span.last
    where journal.indicator = any(%(indicators)s)
      and journal.position <= %(position)s
      and not exists (select from hidden where hidden.position = journal.position)
      and journal.subject <> all(%(without)s::uuid[])
      and (%(after)s::uuid is null or journal.subject > %(after)s)
    group by journal.subject
    having sum(journal.quantity) <> 0
    order by journal.subject
    limit %(limit)s
)
select counted.subject, counted.quantity, counted.occurred_on, counted.position,
       event.originator_id as aggregate, event.topic, event.recorded_at,
       place.centre, place.region
from counted
join only log.event on event.position = counted.position
join reading.place on place.place = counted.place
order by counted.subject
