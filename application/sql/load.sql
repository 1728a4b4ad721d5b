-- Takes a simulated year from the staging table into an empty log, with the times given there.
--
-- Only the owner may call it. The log must be empty and its first event must declare it simulated, so
-- that no one can ever back-date a record of real work. Returns the number of events.
create unlogged table if not exists log.staged (
    recorded_at        timestamptz not null,
    lane               integer     not null, -- the worker that staged it
    number             bigint      not null, -- its order within the worker
    originator_id      uuid        not null,
    originator_version bigint      not null,
    topic              text        not null collate "C",
    state              bytea       not null,
    actor              uuid        not null,
    keys               text        not null,
    sm3                bytea       not null,
    author             text        not null,
    signature          bytea       not null
);

-- Locked by the one simulation of a log. Nobody but the owner has any right on it.
create table log.simulation_lock ();

create or replace function log.load() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    loaded bigint;
    broken record;
begin
    lock table log.append_lock in exclusive mode;
    if exists (select from only log.event) then
        raise exception 'The log is not empty: only an empty log takes a simulated year.'
            using errcode = 'object_not_in_prerequisite_state';
    end if;

    insert into log.event (
        position, originator_id, originator_version, topic, state, recorded_at,
        author, signature, leaf
    )
    select position, originator_id, originator_version, topic, state, recorded_at,
           author, signature,
           log.leaf(
               position - 1, originator_id, originator_version, topic, recorded_at,
               actor, keys, state, sm3, author, signature
           )
    from (
        select *, row_number() over (order by recorded_at, lane, number) as position from log.staged
    ) as placed
    order by position;
    get diagnostics loaded = row_count;

    select e.topic, e.recorded_at, convert_from(e.state, 'UTF8')::jsonb ->> 'simulated' as simulated
    into broken from only log.event e where e.position = 1;
    if broken.topic is distinct from 'log.genesis.v1' or broken.simulated is distinct from 'true' then
        raise exception 'The first event must be log.genesis.v1 that declares the log simulated.'
            using errcode = 'check_violation';
    end if;
    if exists (select from only log.event e where e.recorded_at > clock_timestamp()) then
        raise exception 'A recorded time lies in the future.' using errcode = 'check_violation';
    end if;
    select s.originator_id into broken
    from (
        select e.originator_id, e.originator_version,
               row_number() over (partition by e.originator_id order by e.position) as expected
        from only log.event e
    ) as s
    where s.originator_version <> s.expected limit 1;
    if found then
        raise exception 'The versions of stream % are not dense in the order of time.',
            broken.originator_id using errcode = 'check_violation';
    end if;

    truncate log.staged;
    return loaded;
end $$;
