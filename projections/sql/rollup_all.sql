-- The rollup of every whole block up to a position, from the journal of a finished bulk load.
insert into {schema}.rollup (month, place, indicator, from_block, until_block, quantity)
select month, place, indicator, block,
       coalesce(lead(block) over (of_key order by block), 2147483647),
       sum(change) over (of_key order by block)
from (
    select date_trunc('month', occurred_on)::date as month, coalesce(place, 0) as place, indicator,
           ((position - 1) / %(size)s + 1)::integer as block, sum(quantity)::bigint as change
    from {schema}.journal
    where position <= %(position)s::bigint / %(size)s * %(size)s
    group by grouping sets ((1, journal.place, indicator, 4), (1, indicator, 4))
) as change_by_block
window of_key as (partition by month, place, indicator);
