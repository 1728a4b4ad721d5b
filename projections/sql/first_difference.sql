-- The one row is the first that only one of two builds has, and which build that is.
select *
from (
    (select 'live' as only_in, * from ({old}) as old except all select 'live', * from ({new}) as new)
    union all
    (select 'new', * from ({new}) as new except all select 'new', * from ({old}) as old)
) as different
order by position, only_in
limit 1
