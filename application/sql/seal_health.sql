-- The one row says how far the log is sealed, and how much was noticed that did not stop it.
select coalesce(max(size), 0) as sealed,
       max(sealed_at) as sealed_at,
       (select coalesce(max(position), 0) from only log.event) - coalesce(max(size), 0) as unsealed,
       (select count(*) from seal.warning) as warnings
from seal.checkpoint
