-- The one row says how many rows a build has up to a position, and the sum of their hashes.
select count(*) as rows, coalesce(sum(hash_record_extended(one, 0)), 0) as digest
from ({rows}) as one
