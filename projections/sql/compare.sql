-- One row is one monthly sum of an indicator in which two builds' journals differ.
select indicator, month, old.entries, new.entries, old.total, new.total
from (
    select indicator, date_trunc('month', occurred_on)::date as month,
           count(*) as entries, sum(quantity) as total
    from {old} group by 1, 2
) as old
full join (
    select indicator, date_trunc('month', occurred_on)::date as month,
           count(*) as entries, sum(quantity) as total
    from {new} group by 1, 2
) as new using (indicator, month)
where (old.entries, old.total) is distinct from (new.entries, new.total)
order by indicator, month
