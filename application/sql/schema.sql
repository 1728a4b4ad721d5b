-- The log and its fence. Run once by an administrator of the database, in one transaction with the
-- files that follow.
--
-- Roles: huhang_owner owns the log and cannot log in; huhang_application may read it and call append;
-- huhang_projector reads it and writes read models; huhang_sealer reads it and adds to the seal;
-- huhang_vault reads it and keeps the keys of personal data, alone; huhang_identity reads it and keeps what
-- proves who somebody is, alone; huhang_reader only reads.

do $$
declare
    role text;
begin
    foreach role in array array[
        'huhang_application', 'huhang_projector', 'huhang_sealer', 'huhang_vault', 'huhang_identity',
        'huhang_reader'
    ] loop
        if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I login', role);
        end if;
    end loop;
    if not exists (select from pg_roles where rolname = 'huhang_owner') then
        create role huhang_owner nologin;
    end if;
    if current_setting('is_superuser') = 'off' then
        grant huhang_owner, huhang_projector to current_user;
    end if;
end $$;

create schema log authorization huhang_owner;
create schema reading authorization huhang_projector;
set local role huhang_owner;

create table log.schema_version (version integer not null);
insert into log.schema_version values (10);

-- One row is one event. A save's events share recorded_at, so that no instant splits a save.
create table log.event (
    position           bigint      not null primary key,
    originator_id      uuid        not null,
    originator_version bigint      not null check (originator_version >= 0),
    topic              text        not null collate "C",
    state              bytea       not null,
    recorded_at        timestamptz not null,
    author             text        not null, -- the application instance that signed the event
    signature          bytea       not null,
    leaf               bytea       not null, -- its hash in the Merkle tree; see leaf.sql
    unique (originator_id, originator_version)
);

-- Turns an instant into a position.
create index event_recorded_at on log.event (recorded_at, position);

-- What the tree of regions is made of; who may see what is asked of it with every request.
create index event_territorial on log.event (position) where topic in (
    'centre.established.v1', 'centre.establishment-corrected.v1', 'centre.establishment-voided.v1',
    'centre.reassigned.v1', 'region.established.v1', 'region.founding-corrected.v1',
    'region.founding-voided.v1', 'region.move-voided.v1', 'region.moved.v1', 'region.renamed.v1',
    'region.renaming-voided.v1', 'region.succeeded.v1', 'region.succession-corrected.v1',
    'region.succession-voided.v1'
);

-- One row is one save: what answers a repeated request, and what tells after a lost connection.
create table log.request (
    request_id     uuid        not null primary key,
    fingerprint    bytea       not null,
    first_position bigint      not null,
    last_position  bigint      not null,
    recorded_at    timestamptz not null
);

-- The shape in which the eventsourcing library reads a log.
create view log.stored_events as
    select position as notification_id, originator_id, originator_version, topic, state
    from only log.event;

create function log.refuse() returns trigger language plpgsql as $$
begin
    raise exception 'The log is only ever appended to: % on % is refused.', tg_op, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create trigger event_is_final before update or delete or truncate on log.event
    for each statement execute function log.refuse();
create trigger request_is_final before update or delete or truncate on log.request
    for each statement execute function log.refuse();
alter table log.event enable always trigger event_is_final;
alter table log.request enable always trigger request_is_final;
