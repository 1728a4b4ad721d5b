-- One row is the token of a secret, and how far its account's log goes: what both say decides.
select
    id, hash, account, mark,
    coalesce((
        select originator_version from only log.event
        where originator_id = account
        order by originator_version desc limit 1
    ), 0) as head
from identity.token
where hash = %(hash)s
