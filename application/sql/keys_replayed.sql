-- Destroys again every key that is remembered or noted as destroyed: an older one may have come back.
with noted as (
    insert into vault.destroyed (id)
    select id
    from unnest(%(remembered)s::uuid[]) as remembered (id)
    where not exists (select from vault.destroyed where destroyed.id = remembered.id)
    on conflict do nothing
)
delete from vault.key
where id = any(%(remembered)s) or id in (select id from vault.destroyed)
