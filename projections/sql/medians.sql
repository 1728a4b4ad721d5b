-- One row is the median quantity of the things that an indicator counts in one cell of the answer.
with span (line, col, place, first, last) as (
    select * from unnest(
        %(lines)s::integer[], %(cols)s::integer[], %(span_places)s::integer[],
        %(span_firsts)s::date[], %(span_lasts)s::date[]
    )
),
thing as (
    select span.line, span.col, journal.subject, sum(journal.quantity)::bigint as quantity
    from span
    join reading.journal
      on journal.place = span.place
     and journal.occurred_on >= span.first and journal.occurred_on <= span.last
    where journal.indicator = any(%(indicators)s)
      and journal.position <= %(position)s
    group by span.line, span.col, journal.subject
    having sum(journal.quantity) <> 0
)
select line, col, percentile_disc(0.5) within group (order by quantity) as median,
       count(*) as things
from thing
group by line, col
