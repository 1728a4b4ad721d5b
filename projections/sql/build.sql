-- The tables of one build, {schema}; indexes come after the bulk load, from build_indexes.sql.

-- A pair of centre and region that facts were recorded at; 0 stands for all of them in the rollup.
create table {schema}.place (
    place  integer generated always as identity primary key,
    centre uuid,
    region uuid not null,
    unique nulls not distinct (centre, region)
);

-- One row is one signed entry: a figure is the sum of the entries of its places and period.
create table {schema}.journal (
    position     bigint   not null,
    quantity     bigint   not null,
    subject      uuid     not null, -- what is counted: a case, a session, an event, a person
    practitioner uuid,
    place        integer  not null,
    occurred_on  date     not null,
    indicator    smallint not null
);

-- Monthly sums as of the end of each block of positions, one row a change: valid for readings
-- that have at least from_block and fewer than until_block whole blocks behind them.
create table {schema}.rollup (
    month       date     not null,
    place       integer  not null,
    indicator   smallint not null,
    from_block  integer  not null,
    until_block integer  not null,
    quantity    bigint   not null
);

-- What is needed to say where a place lay at any date, as known at any position.
create table {schema}.territory (
    position  bigint not null,
    fact      text   not null,
    subject   uuid   not null,
    effective date   not null,
    other     uuid,
    code      text,
    name      text,
    level     text
);
