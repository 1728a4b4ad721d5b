-- One row is one line of the schema's description: what may be done to the log, its seal, the keys and
-- what proves who somebody is, by whom, and what prevents the rest. Its digest is the schema fingerprint.
with ours as (
    select oid, nspname from pg_namespace where nspname in ('log', 'seal', 'vault', 'identity')
),
-- Of those the two whose rows nobody else may see.
secret as (
    select oid from ours where nspname in ('vault', 'identity')
),
-- The read models are made anew by each rebuild; of them only what no rebuild makes is described.
figures as (
    select oid from pg_namespace where nspname = 'reading' or nspname like 'build\_%'
),
-- Who is past every fence, or can take it away.
strong as (
    select oid from pg_roles
    where rolsuper or rolbypassrls or rolcreaterole or rolreplication
        or rolname like 'huhang\_%' or rolname like 'pg\_%'
),
line (line) as (
    select format('schema %s owner %s acl %s', nspname, nspowner::regrole, nspacl)
    from pg_namespace where oid in (select oid from ours) or nspname = 'public'
    union all
    select format('database owner %s acl %s', datdba::regrole, datacl)
    from pg_database where datname = current_database()
    union all
    -- What is granted on whatever is made later.
    select format('default acl of %s in %s kind %s acl %s', defaclrole::regrole,
                  defaclnamespace::regnamespace, defaclobjtype, defaclacl)
    from pg_default_acl
    union all
    -- A table that is rewritten gets another file; the unlogged one of the loading is emptied so.
    -- The server looks for rules, triggers, indexes and checks only where it says that there are some.
    select format('relation %s.%s kind %s owner %s persistence %s rules %s triggers %s indexes %s '
                  'checks %s security %s %s file %s acl %s', nspname, relname, relkind,
                  relowner::regrole, relpersistence, relhasrules, relhastriggers, relhasindex,
                  relchecks, relrowsecurity, relforcerowsecurity,
                  case when relkind = 'r' and relpersistence = 'p' then relfilenode end, relacl)
    from pg_class join ours on ours.oid = relnamespace
    union all
    select format('column %s.%s.%s number %s type %s null %s default %s acl %s', nspname, relname,
                  attname, attnum, format_type(atttypid, atttypmod), not attnotnull,
                  pg_get_expr(adbin, adrelid), attacl)
    from pg_attribute
    join pg_class on pg_class.oid = attrelid and relkind in ('r', 'v')
    join ours on ours.oid = relnamespace
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where attnum > 0 and not attisdropped
    union all
    select format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid))
    from pg_constraint as c join ours on ours.oid = connamespace
    union all
    -- One that is not kept up with its table hides rows from whoever reads by it.
    select format('index %s valid %s ready %s live %s unique %s immediate %s',
                  pg_get_indexdef(indexrelid), indisvalid, indisready, indislive, indisunique,
                  indimmediate)
    from pg_index join pg_class on pg_class.oid = indexrelid join ours on ours.oid = relnamespace
    union all
    select format('view %s %s', c.oid::regclass, pg_get_viewdef(c.oid))
    from pg_class as c join ours on ours.oid = relnamespace where relkind = 'v'
    union all
    -- Views elsewhere, and functions that act with the rights of who made them, may show what is fenced.
    select format('view %s owner %s acl %s %s', v.oid::regclass, v.relowner::regrole, v.relacl,
                  pg_get_viewdef(v.oid))
    from pg_class as v
    where relkind in ('v', 'm') and relnamespace not in (select oid from ours)
      and exists (
        select from pg_rewrite
        join pg_depend on classid = 'pg_rewrite'::regclass and objid = pg_rewrite.oid
            and refclassid = 'pg_class'::regclass
        join pg_class as shown on shown.oid = refobjid and shown.oid <> v.oid
        where ev_class = v.oid and shown.relnamespace in (select oid from ours)
          and (v.relnamespace not in (select oid from figures)
               or shown.relnamespace in (select oid from secret))
      )
    union all
    select format('security definer %s owner %s acl %s %s', p.oid::regprocedure, proowner::regrole, proacl,
                  md5(case when prokind = 'a' then prosrc else pg_get_functiondef(p.oid) end))
    from pg_proc as p
    where prosecdef and pronamespace not in (select oid from ours)
    union all
    -- A function that is the server's own code, or a library's, asks for no right by itself.
    select format('native function %s owner %s acl %s calls %s of %s', p.oid::regprocedure,
                  proowner::regrole, proacl, prosrc, probin)
    from pg_proc as p join pg_language as l on l.oid = prolang
    where p.oid >= 16384 and lanname in ('c', 'internal')
    union all
    select format('function %s stands among PostgreSQL''s own: %s', p.oid::regprocedure, md5(prosrc))
    from pg_proc as p
    where p.oid >= 16384 and pronamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    union all
    select format('language %s trusted %s acl %s', lanname, lanpltrusted, lanacl) from pg_language
    union all
    -- What is granted on PostgreSQL's own beyond what it gave itself when the cluster was made.
    select format('own routine %s acl %s', p.oid::regprocedure, proacl)
    from pg_proc as p
    left join pg_init_privs on classoid = 'pg_proc'::regclass and objoid = p.oid and objsubid = 0
    where pronamespace = 'pg_catalog'::regnamespace and proacl is distinct from initprivs
    union all
    select format('own relation %s acl %s', c.oid::regclass, relacl)
    from pg_class as c
    left join pg_init_privs on classoid = 'pg_class'::regclass and objoid = c.oid and objsubid = 0
    where relnamespace in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
      and relacl is distinct from initprivs
    union all
    select format('own column %s.%s acl %s', c.oid::regclass, attname, attacl)
    from pg_attribute join pg_class as c on c.oid = attrelid
    left join pg_init_privs on classoid = 'pg_class'::regclass and objoid = c.oid and objsubid = attnum
    where relnamespace in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
      and attacl is distinct from initprivs
    union all
    select format('own schema %s acl %s', nspname, nspacl)
    from pg_namespace as n
    left join pg_init_privs on classoid = 'pg_namespace'::regclass and objoid = n.oid
    where nspname in ('pg_catalog', 'pg_toast') and nspacl is distinct from initprivs
    union all
    select format('parameter %s acl %s', parname, paracl) from pg_parameter_acl
    union all
    select format('server %s owner %s acl %s leads to %s', srvname, srvowner::regrole, srvacl, srvoptions)
    from pg_foreign_server
    union all
    select format('user %s of server %s', usename, srvname) from pg_user_mappings
    union all
    select format('policy %s on %s for %s permissive %s roles %s using %s check %s', polname,
                  polrelid::regclass, polcmd, polpermissive, polroles::regrole[],
                  pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    from pg_policy join pg_class on pg_class.oid = polrelid join ours on ours.oid = relnamespace
    union all
    select format('rule %s', pg_get_ruledef(pg_rewrite.oid))
    from pg_rewrite join pg_class on pg_class.oid = ev_class join ours on ours.oid = relnamespace
    union all
    -- A rule elsewhere acts with the rights of whoever owns its table.
    select format('rule over it %s', pg_get_ruledef(r.oid))
    from pg_rewrite as r
    join pg_class on pg_class.oid = ev_class and relkind not in ('v', 'm')
    where relnamespace not in (select oid from ours union all select oid from figures)
      and exists (
        select from pg_depend join pg_class as used on used.oid = refobjid
        where classid = 'pg_rewrite'::regclass and objid = r.oid
            and refclassid = 'pg_class'::regclass and used.relnamespace in (select oid from ours)
      )
    union all
    -- One dropped and made again is another; one disabled for a while is another version of its row.
    select format('trigger %s enabled %s made %s %s', pg_get_triggerdef(t.oid), tgenabled, t.oid,
                  t.xmin)
    from pg_trigger as t join pg_class on pg_class.oid = tgrelid join ours on ours.oid = relnamespace
    where not tgisinternal
    union all
    select format('trigger of constraint %s on %s calls %s enabled %s made %s %s', conname,
                  tgrelid::regclass, tgfoid::regprocedure, tgenabled, t.oid, t.xmin)
    from pg_trigger as t
    join pg_constraint as c on c.oid = tgconstraint
    join pg_class on pg_class.oid = tgrelid
    join ours on ours.oid = relnamespace
    where tgisinternal
    union all
    select format('function %s owner %s acl %s made %s %s %s', p.oid::regprocedure, proowner::regrole,
                  proacl, p.oid, p.xmin, pg_get_functiondef(p.oid))
    from pg_proc as p join ours on ours.oid = pronamespace
    union all
    -- What a search path could find instead of PostgreSQL's own, which are older than any that is made.
    select format('operator %s calls %s', o.oid::regoperator, oprcode)
    from pg_operator as o
    where o.oid >= 16384
        and (
            oprnamespace = 'pg_catalog'::regnamespace
            or exists (
                select from pg_operator as own
                where own.oid < 16384 and own.oprname = o.oprname
                    and (own.oprleft, own.oprright) = (o.oprleft, o.oprright)
            )
        )
    union all
    -- One between two of PostgreSQL's own types may be implicit, and then stands in any statement.
    select format('cast %s to %s context %s method %s calls %s', castsource::regtype,
                  casttarget::regtype, castcontext, castmethod, castfunc::regprocedure)
    from pg_cast where oid >= 16384
    union all
    -- By it what a client says is written in another encoding.
    select format('default conversion %s.%s from %s to %s calls %s', connamespace::regnamespace,
                  conname, pg_encoding_to_char(conforencoding), pg_encoding_to_char(contoencoding),
                  conproc::regprocedure)
    from pg_conversion where condefault and oid >= 16384
    union all
    select format('event trigger %s on %s enabled %s calls %s', evtname, evtevent, evtenabled,
                  evtfoid::regprocedure)
    from pg_event_trigger
    union all
    select format('role %s super %s createrole %s createdb %s login %s replication %s bypass %s',
                  rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
                  rolbypassrls)
    from pg_roles where oid in (select oid from strong) and rolname not like 'pg\_%'
    union all
    -- What keeps a role of ours from its work without taking a right away.
    select format('role %s connections %s valid until %s', rolname, rolconnlimit,
                  to_char(rolvaliduntil at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))
    from pg_roles where rolname like 'huhang\_%'
    union all
    select format('member %s of %s admin %s', member::regrole, roleid::regrole, admin_option)
    from pg_auth_members
    where roleid::regrole::text like 'huhang\_%' or member::regrole::text like 'huhang\_%'
    union all
    -- By way of whatever roles: a superuser, who is a member of all, has his line above.
    select format('role %s may become %s', who.rolname, other.rolname)
    from pg_roles as who join pg_roles as other on other.oid <> who.oid
    where other.oid in (select oid from strong) and not who.rolsuper and who.rolname not like 'pg\_%'
      and pg_has_role(who.oid, other.oid, 'member')
    union all
    -- Rows of a child are read with those of its parent.
    select format('child %s of %s', inhrelid::regclass, inhparent::regclass)
    from pg_inherits
    where exists (
        select from pg_class
        where pg_class.oid in (inhrelid, inhparent)
          and relnamespace in (select oid from ours union all select oid from figures)
    )
    union all
    select format('trigger on figures %s enabled %s', pg_get_triggerdef(t.oid), tgenabled)
    from pg_trigger as t join pg_class on pg_class.oid = tgrelid
    join figures on figures.oid = relnamespace
    where not tgisinternal
    union all
    select format('rule on figures %s', pg_get_ruledef(pg_rewrite.oid))
    from pg_rewrite join pg_class on pg_class.oid = ev_class and relkind <> 'v'
    join figures on figures.oid = relnamespace
    union all
    select format('publication %s owner %s of all %s', pubname, pubowner::regrole, puballtables)
    from pg_publication as p
    where puballtables
        or exists (select from pg_publication_rel join pg_class on pg_class.oid = prrelid
                   join ours on ours.oid = relnamespace where prpubid = p.oid)
        or exists (select from pg_publication_namespace join ours on ours.oid = pnnspid
                   where pnpubid = p.oid)
    union all
    select format('subscription %s owner %s to %s', subname, subowner::regrole, subpublications)
    from pg_subscription
    where subdbid = (select oid from pg_database where datname = current_database())
    union all
    select format('setting %s of role %s in database %s', setting, coalesce(rolname, '-'),
                  coalesce(datname, '-'))
    from pg_db_role_setting
    cross join unnest(setconfig) as setting
    left join pg_roles on pg_roles.oid = setrole
    left join pg_database on pg_database.oid = setdatabase
    where (rolname is null or rolname like 'huhang\_%' or setting like 'session\_replication\_role=%')
      and (datname is null or datname = current_database())
    union all
    select format('setting %s = %s', name, setting)
    from pg_settings
    where name in ('data_checksums', 'fsync', 'full_page_writes', 'session_replication_role')
)
select line from line order by line collate "C"
