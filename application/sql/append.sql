-- Appends a batch of saves in one transaction and one round trip; one result row a save, in order.
--
-- All writers queue behind log.append_lock, which is held to the commit, so positions are contiguous
-- and in commit order: a rolled-back transaction leaves no gap, because the next writer reads the
-- last position anew. A save that conflicts or repeats is answered and skipped, the others stand.
--
-- requests, fingerprints, lasts: one element a save; lasts is the index of the save's last event.
-- originators, versions, topics, states, actors, keys, sm3s, signatures: one element an event; a
-- stream's events stand together. The last four, and the name of the author, are what leaf.sql needs.
--
-- outcome: recorded | repeated (the same request, its first receipt) | reused (the request id was used
-- for another body) | conflict (another save was faster; originator and current_version tell where).
create or replace function log.append(
    requests     uuid[],
    fingerprints bytea[],
    lasts        integer[],
    originators  uuid[],
    versions     bigint[],
    topics       text[],
    states       bytea[],
    actors       uuid[],
    keys         text[],
    sm3s         bytea[],
    signatures   bytea[],
    author       text
) returns table (
    outcome         text,
    first_position  bigint,
    last_position   bigint,
    recorded_at     timestamptz,
    originator      uuid,
    current_version bigint
)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    head_position bigint;
    head_time     timestamptz;
    batch_time    timestamptz;
    first_event   integer;
    last_event    integer := 0;
    known         log.request;
    expected      bigint;
    leaf          bytea;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'append needs READ COMMITTED: an older snapshot would miss the last position';
    end if;
    if cardinality(requests) is distinct from cardinality(lasts)
        or cardinality(requests) is distinct from cardinality(fingerprints)
        or cardinality(originators) is distinct from cardinality(versions)
        or cardinality(originators) is distinct from cardinality(topics)
        or cardinality(originators) is distinct from cardinality(states)
        or cardinality(originators) is distinct from cardinality(actors)
        or cardinality(originators) is distinct from cardinality(keys)
        or cardinality(originators) is distinct from cardinality(sm3s)
        or cardinality(originators) is distinct from cardinality(signatures)
        or lasts[cardinality(lasts)] is distinct from cardinality(originators)
    then
        raise exception 'append needs as many of each, and every event in a save'
            using errcode = 'invalid_parameter_value';
    end if;
    lock table log.append_lock in exclusive mode;

    select e.position, e.recorded_at into head_position, head_time
    from only log.event e order by e.position desc limit 1;
    head_position := coalesce(head_position, 0);
    batch_time := clock_timestamp();

    <<saves>>
    for save in 1 .. cardinality(requests) loop
        first_event := last_event + 1;
        last_event := lasts[save];
        if last_event < first_event then
            raise exception 'a save holds at least one event'
                using errcode = 'invalid_parameter_value';
        end if;

        select r.* into known from log.request r where r.request_id = requests[save];
        if found then
            outcome := case when known.fingerprint = fingerprints[save] then 'repeated' else 'reused' end;
            first_position := known.first_position;
            last_position := known.last_position;
            recorded_at := known.recorded_at;
            return next;
            continue saves;
        end if;

        -- Each stream goes on at its last version + 1 without a hole; a new one starts at 1, or at 0 as
        -- some streams of the library do.
        for i in first_event .. last_event loop
            if i = first_event or originators[i] <> originators[i - 1] then
                select e.originator_version into current_version from only log.event e
                where e.originator_id = originators[i]
                order by e.originator_version desc limit 1;
                expected := coalesce(current_version + 1, least(versions[i], 1));
            end if;
            if versions[i] <> expected then
                outcome := 'conflict';
                originator := originators[i];
                current_version := coalesce(current_version, 0);
                return next;
                continue saves;
            end if;
            expected := expected + 1;
        end loop;

        -- Strictly later than the save before, whatever the server's clock does.
        head_time := greatest(batch_time, head_time + interval '1 microsecond');
        first_position := head_position + 1;
        for i in first_event .. last_event loop
            head_position := head_position + 1;
            leaf := log.leaf(
                head_position - 1, originators[i], versions[i], topics[i], head_time,
                actors[i], keys[i], states[i], sm3s[i], author, signatures[i]
            );
            insert into log.event (
                position, originator_id, originator_version, topic, state, recorded_at,
                author, signature, leaf
            )
            values (
                head_position, originators[i], versions[i], topics[i], states[i], head_time,
                author, signatures[i], leaf
            );
        end loop;
        insert into log.request (request_id, fingerprint, first_position, last_position, recorded_at)
        values (requests[save], fingerprints[save], first_position, head_position, head_time);

        outcome := 'recorded';
        last_position := head_position;
        recorded_at := head_time;
        return next;
    end loop;

    perform pg_notify('stored_events', head_position::text);
end $$;
