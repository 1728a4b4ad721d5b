-- One row is a key of which the log or the key store says that it was destroyed.
select substr(convert_from(state, 'UTF8')::jsonb ->> 'key', 3)::uuid as id
from only log.event
where topic = 'subject.key-destroyed.v1'
union
select id
from vault.destroyed
