-- One row is the session of a secret, and how far its account's log goes: what both say decides.
select
    id, hash, former, account, role, office, methods, acting, version,
    opened_at, proved_at, used_at, rotated_at, ends_at, mark,
    hash <> %(hash)s as by_former,
    coalesce((
        select originator_version from only log.event
        where originator_id = account
        order by originator_version desc limit 1
    ), 0) as head
from identity.session
where hash = %(hash)s or former = %(hash)s
