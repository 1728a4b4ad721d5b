-- Adds one finished block to the rollup: each changed sum ends its old row and begins a new one.
with change as (
    select date_trunc('month', occurred_on)::date as month, coalesce(place, 0) as place, indicator,
           sum(quantity)::bigint as quantity
    from {schema}.journal
    where position > (%(block)s - 1) * %(size)s::bigint and position <= %(block)s * %(size)s::bigint
    group by grouping sets ((1, journal.place, indicator), (1, indicator))
),
ended as (
    update {schema}.rollup as old
    set until_block = %(block)s
    from change
    where old.month = change.month and old.place = change.place
      and old.indicator = change.indicator and old.until_block = 2147483647
    returning old.month, old.place, old.indicator, old.quantity
)
insert into {schema}.rollup (month, place, indicator, from_block, until_block, quantity)
select month, place, indicator, %(block)s, 2147483647,
       change.quantity + coalesce(ended.quantity, 0)
from change left join ended using (month, place, indicator);
