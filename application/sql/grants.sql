-- Who may do what: the application reads and appends, the sealer reads and adds to the seal, nobody updates
-- or deletes, the owner alone loads. The keys of personal data belong to the vault alone, which deletes; what
-- proves who somebody is to sign-in alone.
set local role huhang_owner;
revoke all on all functions in schema log from public;
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
grant execute on function log.append to huhang_application;
grant execute on function log.wait_for_writers
    to huhang_application, huhang_projector, huhang_sealer, huhang_reader;
grant execute on function log.hold_writers to huhang_projector;
set local role huhang_projector;
grant usage on schema reading to huhang_application, huhang_reader;
reset role;
