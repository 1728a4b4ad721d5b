-- The one row says how many rows a build has up to a position, and a digest of them that nobody can aim
-- at: the SHA-256 of the sorted SHA-256 of each.
with hashed as (
    select sha256(convert_to(one::text, 'UTF8')) as digest from ({rows}) as one
)
select count(*) as rows,
       encode(sha256(coalesce(string_agg(digest, ''::bytea order by digest), ''::bytea)), 'hex')
           as digest
from hashed
