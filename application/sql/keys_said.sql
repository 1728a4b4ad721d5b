-- One row is a record of a key's destruction after a position; which key, stands in its state.
select position, state
from only log.event
where topic = 'subject.key-destroyed.v1'
    and position > %s
