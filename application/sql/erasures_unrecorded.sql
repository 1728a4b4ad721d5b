-- One row is an erasure of which the log does not say everything yet, the oldest first.
select request, record, keys, missing, ground, actor, role, office, occurred, mark
from vault.erasure
where recorded_at is null
order by occurred, request
