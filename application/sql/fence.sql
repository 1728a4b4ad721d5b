-- What lets anybody past the fence of the log, or takes it away; one row is one breach, in words, and how to
-- mend it. No row is right. Administrators are past every fence: superusers, and who owns the database.
with ours as (
    select oid, rolname, rolcanlogin from pg_roles
    where rolname in (
        'huhang_owner', 'huhang_application', 'huhang_projector', 'huhang_sealer', 'huhang_vault',
        'huhang_identity', 'huhang_reader'
    )
),
administrator as (
    select pg_roles.oid from pg_roles
    join pg_database on datname = current_database()
    where pg_roles.oid not in (select oid from ours)
        and (rolsuper or pg_has_role(pg_roles.oid, datdba, 'member'))
),
strong as (
    select oid from pg_roles
    where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
),
-- The schemas that are fenced, and the two of them whose tables one role alone uses.
fenced as (
    select oid, nspname, nspowner, nspacl, nspname in ('vault', 'identity') as secret
    from pg_namespace where nspname in ('log', 'seal', 'vault', 'identity')
),
kept as (
    select pg_class.oid, relname, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity,
           nspname, secret
    from pg_class join fenced on fenced.oid = relnamespace
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
),
routine as (
    select pg_proc.oid, proname, proowner, coalesce(proacl, acldefault('f', proowner)) as acl,
           prosecdef, pronamespace,
           nspname = 'log' and proname in ('append', 'load', 'hold_writers', 'wait_for_writers')
               and proowner = (select oid from ours where rolname = 'huhang_owner') as of_log
    from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
    where pronamespace in (select oid from fenced)
        or prosecdef and nspname not in ('pg_catalog', 'information_schema')
        and not exists (
            select from pg_depend
            where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e'
        )
),
granted (grantee, owner, schema, kind, thing, name, privilege, words) as (
    select grantee, nspowner, nspname, 'schema', quote_ident(nspname), nspname, privilege_type,
           privilege_type
    from fenced cross join aclexplode(nspacl)
    union all
    select grantee, relowner, nspname, case relkind when 'S' then 'sequence' else 'table' end,
           kept.oid::regclass::text, relname, privilege_type, privilege_type
    from kept cross join aclexplode(relacl)
    union all
    select grantee, relowner, nspname, 'table', kept.oid::regclass::text, relname, privilege_type,
           format('%s (%I)', privilege_type, attname)
    from kept join pg_attribute on attrelid = kept.oid cross join aclexplode(attacl)
    union all
    select grantee, proowner, nspname, 'routine', routine.oid::regprocedure::text, proname,
           privilege_type, privilege_type
    from routine join fenced on fenced.oid = pronamespace cross join aclexplode(acl)
),
-- What grants.sql grants; whatever else is granted to anybody is a breach.
meant as (
    select granted.*
    from granted join ours on ours.oid = grantee
    where case
        when kind = 'schema' and schema = 'log' then privilege = 'USAGE'
        when kind = 'schema' and schema = 'seal' then privilege = 'USAGE'
            and rolname not in ('huhang_vault', 'huhang_identity')
        when kind = 'schema' then privilege = 'USAGE' and rolname = 'huhang_' || schema
        when kind = 'routine' then rolname = 'huhang_application' and name = 'append'
            or rolname = 'huhang_projector' and name = 'hold_writers'
            or rolname not in ('huhang_vault', 'huhang_identity') and name = 'wait_for_writers'
        when schema = 'log' then privilege = 'SELECT' and (
            name = 'event'
            or rolname not in ('huhang_vault', 'huhang_identity')
            and name in ('request', 'stored_events', 'schema_version')
        )
        when schema = 'seal' then rolname not in ('huhang_vault', 'huhang_identity') and (
            privilege = 'SELECT' or privilege = 'INSERT' and rolname = 'huhang_sealer'
        )
        else rolname = 'huhang_' || schema
            and privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    end
),
-- The triggers without which the log and its seal could be changed.
final (relation, name) as (
    values ('log.event', 'event_is_final'), ('log.request', 'request_is_final'),
           ('seal.tile', 'tile_is_final'), ('seal.checkpoint', 'checkpoint_is_final'),
           ('seal.cosignature', 'cosignature_is_final'),
           ('seal.timestamp', 'timestamp_is_final'), ('seal.warning', 'warning_is_final')
)
select format('%s can bypass the rules of the server or change its roles', rolname) as breach
from ours
where oid in (select oid from strong)

union all
select format('%s can log in', rolname)
from ours
where rolname = 'huhang_owner' and rolcanlogin

union all
select format('%s owns the database', rolname)
from ours join pg_database on datdba = ours.oid and datname = current_database()
where rolname <> 'huhang_owner'

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
select format('%s can become %s: revoke %2$I from %1$I, or from the role that leads to it',
              who.rolname, other.rolname)
from pg_roles who
join pg_roles other on pg_has_role(who.oid, other.oid, 'member')
where who.rolcanlogin
    and who.oid not in (select oid from ours union all select oid from administrator)
    and (
        -- An auditor's own login is a member of the reader's role: it reads, as everybody of it may.
        other.oid in (select oid from ours where rolname <> 'huhang_reader')
        or other.rolname in (
            'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',
            'pg_write_server_files', 'pg_execute_server_program'
        )
    )

union all
select format('%s can write %s', ours.rolname, string_agg(kept.oid::regclass::text, ', '))
from ours
cross join kept
where ours.rolname <> 'huhang_owner'
    and ours.oid not in (select oid from strong)
    and not kept.secret
    and kept.relkind in ('r', 'v')
    and (
        has_table_privilege(ours.oid, kept.oid, 'update, delete, truncate, trigger')
        or has_any_column_privilege(ours.oid, kept.oid, 'update')
        or has_any_column_privilege(ours.oid, kept.oid, 'insert')
        and (ours.rolname <> 'huhang_sealer' or kept.nspname <> 'seal')
    )
group by ours.rolname

union all
select format('%s can use %s', ours.rolname, string_agg(kept.oid::regclass::text, ', '))
from ours
cross join kept
where ours.rolname not in ('huhang_owner', 'huhang_' || kept.nspname)
    and ours.oid not in (select oid from strong)
    and kept.secret
    and kept.relkind in ('r', 'v')
    and (
        has_table_privilege(ours.oid, kept.oid, 'delete, truncate, trigger')
        or has_any_column_privilege(ours.oid, kept.oid, 'select, insert, update, references')
    )
group by ours.rolname

union all
select format('%s has a right on %s: revoke %s on %s %2$s from %1$s',
              case grantee when 0 then 'public' else grantee::regrole::text end,
              thing, string_agg(words, ', ' order by words), kind)
from (select * from granted except select * from meant) as beyond
where grantee <> owner and grantee not in (select oid from administrator)
group by grantee, kind, thing

union all
select format('%s belongs to %s: alter %s %1$s owner to huhang_owner', thing, owner::regrole, kind)
from (
    select quote_ident(nspname), nspowner, 'schema' from fenced
    union all
    select oid::regclass::text, relowner,
           case relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end
    from kept
    union all
    select oid::regprocedure::text, proowner, 'routine' from routine
    where pronamespace in (select oid from fenced)
) as owned (thing, owner, kind)
where owner is distinct from (select oid from ours where rolname = 'huhang_owner')

union all
select format('%s runs with the rights of %s for others: drop routine %1$s',
              routine.oid::regprocedure, proowner::regrole)
from routine
where prosecdef and not of_log
    and proowner in (select oid from ours union all select oid from administrator)
    and exists (
        select from aclexplode(acl)
        where grantee <> proowner and grantee not in (select oid from administrator)
    )

union all
select format('%s shows or changes %s: drop it', shown.oid::regclass,
              string_agg(distinct kept.oid::regclass::text, ', '))
from kept
join pg_depend on refclassid = 'pg_class'::regclass and refobjid = kept.oid
    and classid = 'pg_rewrite'::regclass
join pg_rewrite on pg_rewrite.oid = objid
join pg_class shown on shown.oid = ev_class
where kept.secret
group by shown.oid

union all
select format('the rule %I on %s is none of ours: drop rule %1$I on %2$s', rulename,
              kept.oid::regclass)
from pg_rewrite join kept on kept.oid = ev_class
where relkind = 'r'

union all
select format('the trigger %s of %s is missing, changed or not enabled always: make it as '
              'application/sql makes it, or alter table %2$s enable always trigger %1$s',
              name, relation)
from final
where not exists (
    select from pg_trigger
    where tgrelid = to_regclass(relation) and tgname = name and tgenabled = 'A'
        and tgtype = 58 -- before update or delete or truncate, for each statement
        and tgfoid = to_regprocedure('log.refuse()') and tgqual is null and tgattr::text = ''
)

union all
select format('the trigger %I of %s is none of ours: drop trigger %1$I on %2$s', tgname,
              kept.oid::regclass)
from pg_trigger join kept on kept.oid = tgrelid
where not tgisinternal
    and not exists (
        select from final where to_regclass(relation) = kept.oid and name = tgname
    )

union all
select format('%s does not enforce what refers to it or it refers to: alter table %1$s enable '
              'trigger all', kept.oid::regclass)
from pg_trigger join kept on kept.oid = tgrelid
where tgisinternal and tgenabled <> 'O'
group by kept.oid

union all
select format('%s hides rows (row security): alter table %1$s disable row level security, no '
              'force row level security', kept.oid::regclass)
from kept
where relrowsecurity or relforcerowsecurity

union all
select format('the policy %I of %s hides rows: drop policy %1$I on %2$s', polname,
              kept.oid::regclass)
from pg_policy join kept on kept.oid = polrelid

union all
select format('%s: reset it, for triggers stay silent: alter %s reset session_replication_role',
              setting,
              concat_ws(' in ', 'role ' || coalesce(quote_ident(rolname), 'all'),
                        'database ' || quote_ident(datname)))
from pg_db_role_setting
cross join unnest(setconfig) as setting
left join pg_roles on pg_roles.oid = setrole
left join pg_database on pg_database.oid = setdatabase
where setting like 'session\_replication\_role=%'
    and setting <> 'session_replication_role=origin'
    and (datname is null or datname = current_database())

order by breach;
