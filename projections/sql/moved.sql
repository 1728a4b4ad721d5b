-- One row is what one indicator counts, as known at a position, of one place in one span of dates.
with span (number, place, first, last) as (
    select * from unnest(
        %(numbers)s::integer[], %(span_places)s::integer[],
        %(span_firsts)s::date[], %(span_lasts)s::date[]
    )
),
thing as (
    select span.number, journal.indicator, sum(journal.quantity)::bigint as quantity
    from span
    join reading.journal
      on journal.place = span.place
     and journal.occurred_on >= span.first and journal.occurred_on <= span.last
    where journal.indicator = any(%(indicators)s)
      and journal.position <= %(position)s
    group by span.number, journal.indicator, journal.subject
    having sum(journal.quantity) <> 0
)
select number, indicator, sum(quantity)::bigint as quantity, count(*) as things
from thing
group by number, indicator
