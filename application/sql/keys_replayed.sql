-- Destroys again every key of which the log says that it was destroyed: an older key store may have come back.
delete from vault.key
using log.event
where event.topic = 'subject.key-destroyed.v1'
    and key.id = substr(convert_from(event.state, 'UTF8')::jsonb ->> 'key', 3)::uuid
