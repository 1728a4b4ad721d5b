-- One row is the sum of one indicator at one place in one column of the answer, as of a position.
--
-- A column's whole months come from the rollup of the whole blocks up to the position and from the
-- journal's entries after those blocks; its odd days come from the journal alone. With every place
-- wanted, place is 0 in the answer and the rollup's total is read.
with months (col, first, after) as (
    select * from unnest(%(month_columns)s::integer[], %(month_firsts)s::date[], %(month_afters)s::date[])
),
days (col, first, last) as (
    select * from unnest(%(day_columns)s::integer[], %(day_firsts)s::date[], %(day_lasts)s::date[])
),
-- Materialized, so that the newest entries are read by position alone: a few thousand side by side in
-- the index, where the planner would rather search all that ever counted for the indicators.
newest (place, indicator, occurred_on, quantity) as materialized (
    select place, indicator, occurred_on, quantity
    from reading.journal
    where position > %(block)s * %(size)s::bigint and position <= %(position)s
),
-- Materialized, so that what does not count is left out once and not once a month.
tail (place, indicator, occurred_on, quantity) as materialized (
    select case when %(total)s then 0 else place end, indicator, occurred_on, sum(quantity)
    from newest
    where indicator = any(%(indicators)s) and (%(total)s or place = any(%(places)s))
    group by 1, 2, 3
),
entry (col, place, indicator, quantity) as (
    select months.col, rollup.place, rollup.indicator, rollup.quantity
    from months
    join reading.rollup on rollup.month >= months.first and rollup.month < months.after
    where rollup.indicator = any(%(indicators)s)
      and rollup.place = any(%(rollup_places)s)
      and rollup.month >= %(first_month)s and rollup.month < %(after_month)s
      and rollup.from_block <= %(block)s
      and rollup.until_block > %(block)s
    union all
    select months.col, tail.place, tail.indicator, tail.quantity
    from months
    join tail on tail.occurred_on >= months.first and tail.occurred_on < months.after
    union all
    select days.col, case when %(total)s then 0 else journal.place end,
           journal.indicator, journal.quantity
    from days
    join reading.journal
      on journal.occurred_on >= days.first and journal.occurred_on <= days.last
    where journal.place = any(%(places)s)
      and journal.indicator = any(%(indicators)s)
      and journal.position <= %(position)s
)
select col, place, indicator, sum(quantity)::bigint as quantity
from entry
group by col, place, indicator
