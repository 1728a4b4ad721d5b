-- One row is a key of which the log says, after a position, that it was destroyed.
select substr(convert_from(state, 'UTF8')::jsonb ->> 'key', 3)::uuid as id
from only log.event
where topic = 'subject.key-destroyed.v1'
    and position > %s
