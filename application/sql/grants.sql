-- Who may do what: the application reads and appends, the sealer reads and adds to the seal, nobody updates
-- or deletes, the owner alone loads. The keys of personal data belong to the vault alone, which deletes; what
-- proves who somebody is to sign-in alone.
set local role huhang_owner;
grant usage on schema log, seal
    to huhang_application, huhang_projector, huhang_sealer, huhang_reader;
grant select on log.event, log.stored_events, log.request, log.schema_version
    to huhang_application, huhang_projector, huhang_sealer, huhang_reader;
grant select on all tables in schema seal
    to huhang_application, huhang_projector, huhang_sealer, huhang_reader;
grant insert on all tables in schema seal to huhang_sealer;
grant usage on schema log, vault to huhang_vault;
grant select on log.event to huhang_vault;
grant select, insert on all tables in schema vault to huhang_vault;
grant delete, update (epoch, wrapped) on vault.key to huhang_vault;
grant update (ended_at, destroyed_at) on vault.epoch to huhang_vault;
grant update (recorded_at) on vault.erasure to huhang_vault;
grant delete on vault.key_lock, vault.rotation_lock to huhang_vault; -- empty: who may write a table may lock it
grant usage on schema log, identity to huhang_identity;
grant select on log.event to huhang_identity;
grant select, insert, delete on all tables in schema identity to huhang_identity;
grant update on identity.password, identity.session, identity.token, identity.failure to huhang_identity;
grant update (counter) on identity.factor to huhang_identity;
-- Of a function nothing is taken or granted again: PostgreSQL would write its row anew, and the fence, which
-- knows each by the version of its row, would ring although nothing changed.
do $$
declare
    line record;
begin
    for line in
        select oid::regprocedure as routine from pg_proc
        where pronamespace = 'log'::regnamespace and has_function_privilege('public', oid, 'execute')
    loop
        execute format('revoke all on function %s from public', line.routine);
    end loop;
    for line in
        select role, routine::regprocedure
        from (
            values
            ('log.append(uuid[],bytea[],integer[],uuid[],bigint[],text[],bytea[],uuid[],text[],bytea[],'
             'bytea[],text)', 'application'),
            ('log.wait_for_writers()', 'application projector sealer reader'),
            ('log.hold_writers()', 'projector'),
            ('log.hold_territory()', 'application')
        ) as meant (routine, roles)
        cross join string_to_table(roles, ' ') as role
        where not has_function_privilege('huhang_' || role, routine, 'execute')
    loop
        execute format('grant execute on function %s to huhang_%s', line.routine, line.role);
    end loop;
end $$;
set local role huhang_projector;
grant usage on schema reading to huhang_application, huhang_reader;
reset role;
