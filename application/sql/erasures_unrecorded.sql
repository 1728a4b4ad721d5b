-- One row is an erasure of which the log does not say everything yet, the oldest first.
select request, record, keys, missing, ground, actor, role, office, occurred, mark
from vault.erasure
where recorded_at is null
    and occurred between '1900-01-01' and '2200-01-01' -- what lies beyond cannot be read, nor is it ours
order by occurred, request
