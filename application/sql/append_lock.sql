-- The lock behind which all appends queue: an empty table on which nobody but the owner has any right,
-- so that no other role can lock it in any mode. Whoever can connect could take an advisory lock.
create table log.append_lock ();

-- Returns once whoever is appending now is done, and keeps nothing: the error rolls the block back, and
-- with it the lock, even when the caller goes on in a transaction of his own.
create function log.wait_for_writers() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    lock table log.append_lock in share mode;
    raise exception using errcode = 'HU001';
exception when sqlstate 'HU001' then
    null;
end $$;

-- Lets nobody append until the caller's transaction ends: for the switch to another build.
create function log.hold_writers() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    lock table log.append_lock in exclusive mode;
end $$;
