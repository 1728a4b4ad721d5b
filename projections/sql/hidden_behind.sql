-- One row: how much of a number is of records that are left out of the list behind it.
with span (place, first, last) as (
    select * from unnest(%(span_places)s::integer[], %(span_firsts)s::date[], %(span_lasts)s::date[])
),
hidden as materialized (
    select event.position from only log.event where event.originator_id = any(%(without)s::uuid[])
)
select coalesce(sum(journal.quantity), 0)::bigint as quantity
from span
join reading.journal
  on journal.place = span.place
 and journal.occurred_on >= span.first and journal.occurred_on <= span.last
left join hidden on hidden.position = journal.position
where journal.indicator = any(%(indicators)s)
  and journal.position <= %(position)s
  and (hidden.position is not null or journal.subject = any(%(without)s::uuid[]))
