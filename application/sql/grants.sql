-- Who may do what: the application reads and appends, the sealer reads and adds to the seal, nobody updates
-- or deletes, the owner alone loads.
set local role huhang_owner;
revoke all on all functions in schema log from public;
grant usage on schema log, seal
    to huhang_application, huhang_projector, huhang_sealer, huhang_reader;
grant select on log.event, log.stored_events, log.request, log.schema_version
    to huhang_application, huhang_projector, huhang_sealer, huhang_reader;
grant select on all tables in schema seal
    to huhang_application, huhang_projector, huhang_sealer, huhang_reader;
grant insert on all tables in schema seal to huhang_sealer;
grant execute on function log.append to huhang_application;
grant execute on function log.wait_for_writers
    to huhang_application, huhang_projector, huhang_sealer, huhang_reader;
grant execute on function log.hold_writers to huhang_projector;
set local role huhang_projector;
grant usage on schema reading to huhang_application, huhang_reader;
reset role;
