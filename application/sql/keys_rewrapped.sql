-- One row is a key that is now wrapped for the epoch that goes on; what was changed or destroyed meanwhile is left alone.
update vault.key
set epoch = %(epoch)s, wrapped = rewrapped.wrapped
from unnest(%(ids)s::uuid[], %(before)s::bytea[], %(wrapped)s::bytea[]) as rewrapped (id, before, wrapped)
where key.id = rewrapped.id
    and key.wrapped = rewrapped.before
