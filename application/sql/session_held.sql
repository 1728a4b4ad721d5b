-- One row is a session, held until it is changed.
select
    id, hash, former, account, role, office, methods, acting, version,
    opened_at, proved_at, used_at, rotated_at, ends_at, mark
from identity.session
where id = %(id)s
for update
