-- What is said of regions and centres is decided by the tree of them all, which no version of a record guards: it is
-- said by one at a time. An empty table on which nobody but the owner has any right, as log.append_lock.
create table log.territory_lock ();

-- Lets nobody else say anything of regions and centres until the caller's transaction ends.
create function log.hold_territory() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    lock table log.territory_lock in exclusive mode;
end $$;
