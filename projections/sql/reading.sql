-- The register of builds: one row is one version of all read models, at one position of the log.
--
-- A build holds journal, ledgers and territory together, so that every reading of one build agrees on
-- its position by construction.
create table if not exists reading.build (
    number       integer     generated always as identity primary key,
    version      text        not null,              -- of the projecting code
    status       text        not null check (status in ('building', 'live', 'retired')),
    position     bigint      not null default 0,    -- every event up to here is in, none after
    epoch        integer     not null default 0,    -- of the runner that may write
    heartbeat    timestamptz not null default now(),
    attended_until timestamptz,                     -- a live runner renews this, a killed one cannot
    halted_at    bigint,                            -- the event that could not be projected
    halted_because text
);
create unique index if not exists build_live on reading.build (status) where status = 'live';
grant select on reading.build to huhang_application, huhang_reader;
