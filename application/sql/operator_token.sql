-- Whether a token of `huhang token` was revoked, and how far its person's log goes: 0 without an account.
select
    exists (select from identity.revoked where token = %(token)s) as revoked,
    coalesce((
        select originator_version from only log.event
        where originator_id = %(account)s
        order by originator_version desc limit 1
    ), 0) as head
