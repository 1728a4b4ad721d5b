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
    select pg_class.oid, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity,
           relhastriggers, relhasindex, relchecks, nspname, secret
    from pg_class join fenced on fenced.oid = relnamespace
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
),
routine as (
    select pg_proc.oid, pg_proc.oid::regprocedure::text as signature, proowner, prosecdef, pronamespace,
           coalesce(proacl, acldefault('f', proowner)) as acl, extname
    from pg_proc
    left join pg_depend on classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e'
    left join pg_extension on pg_extension.oid = refobjid
    where pronamespace in (select oid from fenced)
        -- The library of an extension answers nobody through an event trigger.
        or prosecdef and not (
            extname is not null and prorettype = 'event_trigger'::regtype
            and prolang = (select oid from pg_language where lanname = 'c')
        )
),
-- What is granted on PostgreSQL's own, and what PostgreSQL gave on it itself when the cluster was made.
own_now (kind, thing, words_of, acl, given) as (
    select 'routine', p.oid::regprocedure::text, '%s',
           coalesce(proacl, acldefault('f', proowner)), coalesce(initprivs, acldefault('f', proowner))
    from pg_proc as p
    left join pg_init_privs on classoid = 'pg_proc'::regclass and objoid = p.oid and objsubid = 0
    where p.oid < 16384 and pronamespace = 'pg_catalog'::regnamespace
        and proacl is distinct from initprivs
    union all
    select 'table', c.oid::regclass::text, '%s', relacl, initprivs
    from pg_class as c
    left join pg_init_privs on classoid = 'pg_class'::regclass and objoid = c.oid and objsubid = 0
    where relnamespace in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
        and relacl is distinct from initprivs
    union all
    select 'table', c.oid::regclass::text, format('%%s (%I)', attname), attacl,
           initprivs
    from pg_attribute
    join pg_class as c on c.oid = attrelid
    left join pg_init_privs
        on classoid = 'pg_class'::regclass and objoid = c.oid and objsubid = attnum
    where relnamespace in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
        and attacl is distinct from initprivs
    union all
    select 'schema', nspname, '%s', nspacl, initprivs
    from pg_namespace as n
    left join pg_init_privs on classoid = 'pg_namespace'::regclass and objoid = n.oid
    where nspname in ('pg_catalog', 'pg_toast') and nspacl is distinct from initprivs
),
own (grantee, kind, thing, words) as (
    select now.grantee, kind, thing, format(words_of, now.privilege_type)
    from own_now cross join aclexplode(acl) as now
    where not exists (
        select from aclexplode(given) as first
        where (first.grantee, first.privilege_type) = (now.grantee, now.privilege_type)
    )
    union all
    select grantee, 'parameter', parname, privilege_type
    from pg_parameter_acl cross join aclexplode(paracl)
),
granted (grantee, owner, kind, thing, words, grantable) as (
    select grantee, datdba, 'database', quote_ident(datname), privilege_type, is_grantable
    from pg_database cross join aclexplode(coalesce(datacl, acldefault('d', datdba)))
    where datname = current_database()
    union all
    select grantee, nspowner, 'schema', 'public', privilege_type, is_grantable
    from pg_namespace cross join aclexplode(nspacl)
    where nspname = 'public' and privilege_type = 'CREATE'
    union all
    select grantee, nspowner, 'schema', quote_ident(nspname), privilege_type, is_grantable
    from fenced cross join aclexplode(nspacl)
    union all
    select grantee, relowner, case relkind when 'S' then 'sequence' else 'table' end,
           kept.oid::regclass::text, privilege_type, is_grantable
    from kept cross join aclexplode(relacl)
    union all
    select grantee, relowner, 'table', kept.oid::regclass::text,
           format('%s (%I)', privilege_type, attname), is_grantable
    from kept join pg_attribute on attrelid = kept.oid cross join aclexplode(attacl)
    union all
    select grantee, proowner, 'routine', signature, privilege_type, is_grantable
    from routine cross join aclexplode(acl)
    where pronamespace in (select oid from fenced)
),
-- What grants.sql and connections.sql grant, and to whom of ours; whatever else is granted to anybody is a
-- breach. A test holds this list against a log just made, both ways.
meant (grantee, kind, thing, words) as (
    select ours.oid, kind, thing, words
    from (
        values
        ('database', quote_ident(current_database()), 'CONNECT',
         'application projector sealer vault identity reader'),
        ('database', quote_ident(current_database()), 'CREATE', 'projector'),
        ('schema', 'log', 'USAGE', 'application projector sealer vault identity reader'),
        ('schema', 'seal', 'USAGE', 'application projector sealer reader'),
        ('schema', 'vault', 'USAGE', 'vault'),
        ('schema', 'identity', 'USAGE', 'identity'),
        ('table', 'log.event', 'SELECT', 'application projector sealer vault identity reader'),
        ('table', 'log.stored_events log.request log.schema_version', 'SELECT',
         'application projector sealer reader'),
        ('table', 'seal.tile seal.checkpoint seal.cosignature seal."timestamp" seal.warning', 'SELECT',
         'application projector sealer reader'),
        ('table', 'seal.tile seal.checkpoint seal.cosignature seal."timestamp" seal.warning', 'INSERT',
         'sealer'),
        ('table', 'vault.store vault.epoch vault.key vault.term vault.destroyed vault.key_lock '
                  'vault.rotation_lock vault.record_lock vault.erasure', 'SELECT, INSERT', 'vault'),
        ('table', 'vault.key vault.key_lock vault.rotation_lock', 'DELETE', 'vault'),
        ('table', 'vault.key', 'UPDATE (epoch), UPDATE (wrapped)', 'vault'),
        ('table', 'vault.epoch', 'UPDATE (ended_at), UPDATE (destroyed_at)', 'vault'),
        ('table', 'vault.erasure', 'UPDATE (recorded_at)', 'vault'),
        ('table', 'identity.login identity.password identity.factor identity.session identity.token '
                  'identity.revoked identity.subject identity.failure identity.challenge',
         'SELECT, INSERT, DELETE', 'identity'),
        ('table', 'identity.password identity.session identity.token identity.failure', 'UPDATE',
         'identity'),
        ('table', 'identity.factor', 'UPDATE (counter)', 'identity'),
        ('routine', 'log.append(uuid[],bytea[],integer[],uuid[],bigint[],text[],bytea[],uuid[],text[],'
                    'bytea[],bytea[],text)', 'EXECUTE', 'application'),
        ('routine', 'log.wait_for_writers()', 'EXECUTE', 'application projector sealer reader'),
        ('routine', 'log.hold_writers()', 'EXECUTE', 'projector'),
        ('routine', 'log.hold_territory()', 'EXECUTE', 'application')
    ) as line (kind, things, privileges, roles)
    cross join string_to_table(things, ' ') as thing
    cross join string_to_table(privileges, ', ') as words
    cross join string_to_table(roles, ' ') as role
    join ours on rolname = 'huhang_' || role
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
select format('%s has a right on %s: revoke %s on %s %2$s from %1$s%5$s',
              case grantee when 0 then 'public' else grantee::regrole::text end,
              thing, string_agg(words, ', ' order by words), kind,
              -- Taken from a table, a right goes from its columns too.
              case when bool_or(of_columns)
                   then ', and run huhang init-db, which grants again what is needed of it' end)
from (
    select grantee, owner, kind, thing, words,
           exists (
               select from meant where (meant.grantee, meant.kind, meant.thing)
                   = (granted.grantee, granted.kind, granted.thing)
                   and starts_with(meant.words, granted.words || ' (')
           ) as of_columns
    from granted
    where (grantee, kind, thing, words) not in (select grantee, kind, thing, words from meant)
) as beyond
where grantee <> owner and grantee not in (select oid from administrator)
group by grantee, kind, thing

union all
select format('%s may pass on a right on %s: revoke grant option for %s on %s %2$s from %1$s cascade',
              grantee::regrole, thing, string_agg(words, ', ' order by words), kind)
from granted
where grantable and (grantee, kind, thing, words) in (select grantee, kind, thing, words from meant)
    and grantee <> owner and grantee not in (select oid from administrator)
group by grantee, kind, thing

union all
select format('%s has rights on %s that %s makes%s: alter default privileges for role %3$s%4$s '
              'revoke all on %2$s from %1$s',
              case grantee when 0 then 'public' else grantee::regrole::text end,
              case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
                   when 'f' then 'routines' when 'T' then 'types' when 'n' then 'schemas'
                   else 'large objects' end,
              defaclrole::regrole, ' in schema ' || nullif(defaclnamespace, 0)::regnamespace)
from pg_default_acl cross join aclexplode(defaclacl)
where (
        defaclrole in (select oid from ours)
        or defaclnamespace in (select oid from fenced)
    )
    and grantee <> defaclrole and grantee not in (select oid from administrator)
    -- Everybody has these of PostgreSQL itself; grants.sql takes them away where it matters.
    and not (defaclnamespace = 0 and grantee = 0 and defaclobjtype in ('f', 'T'))
group by grantee, defaclobjtype, defaclrole, defaclnamespace

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
select format('%s runs with the rights of %s for others: %sdrop routine %1$s', signature,
              proowner::regrole,
              'alter extension ' || quote_ident(extname) || ' drop routine ' || signature || '; ')
from routine
where prosecdef
    and not (
        signature in (select thing from meant where kind = 'routine') or signature = 'log.load()'
    )
    and proowner in (select oid from ours union all select oid from administrator)
    and (
        exists (
            select from aclexplode(acl)
            where grantee <> proowner and grantee not in (select oid from administrator)
        )
        -- A trigger, an aggregate or an operator class calls it for whoever may not.
        or exists (
            select from pg_depend
            where refclassid = 'pg_proc'::regclass and refobjid = routine.oid
        )
    )

union all
select format('%s is %s by another name: drop routine %1$s', alias.oid::regprocedure,
              kept_back.oid::regprocedure)
from pg_proc as alias
join pg_proc as kept_back on kept_back.prosrc = alias.prosrc and kept_back.prolang = alias.prolang
join pg_init_privs on classoid = 'pg_proc'::regclass and objoid = kept_back.oid
where alias.oid >= 16384 and kept_back.oid < 16384
    and alias.prolang = (select oid from pg_language where lanname = 'internal')

union all
select format('%s has a right that PostgreSQL does not give: revoke %s on %s %s from %1$s',
              case grantee when 0 then 'public' else grantee::regrole::text end,
              string_agg(words, ', ' order by words), kind, thing)
from own
where grantee not in (select oid from administrator)
group by grantee, kind, thing

union all
select format('anybody may write functions in %s, which are part of the server: update pg_language '
              'set lanpltrusted = false where lanname = %L', lanname, lanname)
from pg_language
where lanname in ('c', 'internal') and lanpltrusted

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
select format('the server passes over the %s of %s: update pg_class set %s where oid = %L::regclass',
              what, kept.oid::regclass, remedy, kept.oid::regclass::text)
from kept
cross join lateral (
    select count(*) from pg_constraint where conrelid = kept.oid and contype = 'c'
) as checks (number)
cross join lateral (
    values
    ('triggers', 'relhastriggers = true',
     not relhastriggers and exists (select from pg_trigger where tgrelid = kept.oid)),
    ('indexes', 'relhasindex = true',
     not relhasindex and exists (select from pg_index where indrelid = kept.oid)),
    ('checks', format('relchecks = %s', number), relchecks <> number)
) as flag (what, remedy, wrong)
where wrong

union all
select format('the index %s of %s is not kept up with it: reindex index %1$s, or drop it if it is none '
              'of ours', indexrelid::regclass, kept.oid::regclass)
from pg_index join kept on kept.oid = indrelid
where not (indisvalid and indisready and indislive)

union all
select format('the index %s lets the same be in %s twice: look for what is there twice, and update '
              'pg_index set indisunique = true, indimmediate = true where indexrelid = %L::regclass',
              indexrelid::regclass, kept.oid::regclass, indexrelid::regclass::text)
from pg_index join kept on kept.oid = indrelid
where not indimmediate
    or not indisunique
    and exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))

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
