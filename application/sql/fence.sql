-- What would let a role past the fence of the log; one row is one breach, in words. No row is right.
with ours as (
    select oid, rolname, rolcanlogin from pg_roles
    where rolname in (
        'huhang_owner', 'huhang_application', 'huhang_projector', 'huhang_sealer', 'huhang_vault',
        'huhang_identity', 'huhang_reader'
    )
),
strong as (
    select oid from pg_roles
    where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
)
select format('%s can bypass the rules of the server or change its roles', rolname) as breach
from ours
where oid in (select oid from strong)

union all
select format('%s can log in', rolname)
from ours
where rolname = 'huhang_owner' and rolcanlogin

union all
select format('%s is a member of %s', ours.rolname, other.rolname)
from ours
join pg_roles other on other.oid <> ours.oid and pg_has_role(ours.oid, other.oid, 'member')
where ours.oid not in (select oid from strong)
    and (
        other.oid in (select oid from ours)
        or other.oid in (select oid from strong)
        or starts_with(other.rolname, 'pg_')
    )

union all
select format('%s can write %s', ours.rolname, string_agg(kept.oid::regclass::text, ', '))
from ours
cross join pg_class kept
where ours.rolname <> 'huhang_owner'
    and ours.oid not in (select oid from strong)
    and kept.relnamespace in ('log'::regnamespace, 'seal'::regnamespace)
    and kept.relkind in ('r', 'v')
    and (
        has_table_privilege(ours.oid, kept.oid, 'update, delete, truncate, trigger')
        or has_any_column_privilege(ours.oid, kept.oid, 'update')
        or has_any_column_privilege(ours.oid, kept.oid, 'insert')
        and (ours.rolname <> 'huhang_sealer' or kept.relnamespace <> 'seal'::regnamespace)
    )
group by ours.rolname

union all
select format('%s can use %s', ours.rolname, string_agg(kept.oid::regclass::text, ', '))
from ours
cross join pg_class kept
join pg_namespace secret on secret.oid = kept.relnamespace
    and secret.nspname in ('vault', 'identity')
where ours.rolname not in ('huhang_owner', 'huhang_' || secret.nspname)
    and ours.oid not in (select oid from strong)
    and kept.relkind in ('r', 'v')
    and (
        has_table_privilege(ours.oid, kept.oid, 'delete, truncate, trigger')
        or has_any_column_privilege(ours.oid, kept.oid, 'select, insert, update, references')
    )
group by ours.rolname

order by breach;
