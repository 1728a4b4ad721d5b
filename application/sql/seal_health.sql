-- The one row says how far the log is sealed, and how much was noticed that did not stop it. A time that no
-- calendar has, which huhang verify names, reads as the first or last of ours.
select coalesce(max(size), 0) as sealed,
       case when max(sealed_at) is not null then
           least(greatest(max(sealed_at), '0001-01-02'), '9999-12-30')
       end as sealed_at,
       (select coalesce(max(position), 0) from only log.event) - coalesce(max(size), 0) as unsealed,
       (select count(*) from seal.warning) as warnings
from seal.checkpoint
