-- Destroys again every key of which the log or the key store says that it was destroyed: an older one may have come back.
with said as (
    select substr(convert_from(state, 'UTF8')::jsonb ->> 'key', 3)::uuid as id
    from only log.event
    where topic = 'subject.key-destroyed.v1'
),
noted as (
    insert into vault.destroyed (id)
    select id
    from said
    where not exists (select from vault.destroyed where destroyed.id = said.id)
    on conflict do nothing
)
delete from vault.key
where id in (select id from said union all select id from vault.destroyed)
