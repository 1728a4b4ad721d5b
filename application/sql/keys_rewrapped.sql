-- One row is a key that is now wrapped for the epoch that goes on.
update vault.key
set epoch = %(epoch)s, wrapped = rewrapped.wrapped
from unnest(%(ids)s::uuid[], %(wrapped)s::bytea[]) as rewrapped (id, wrapped)
where key.id = rewrapped.id
