-- The seal: the full tiles of the Merkle tree over the log, and the checkpoints signed over it. Nothing
-- here is secret or irreplaceable: whoever has the log can compute the tiles again.
reset role;
create schema seal authorization huhang_owner;
set local role huhang_owner;

-- 256 neighbouring hashes of one level of the tree, as C2SP tlog-tiles has them.
create table seal.tile (
    level  smallint not null,
    number bigint   not null,
    hashes bytea    not null check (octet_length(hashes) = 8192),
    primary key (level, number)
);

-- One row is a signed statement that the log had this size and root.
create table seal.checkpoint (
    size      bigint      not null primary key check (size > 0),
    root      bytea       not null check (octet_length(root) = 32),
    note      text        not null, -- a C2SP signed note
    sealed_at timestamptz not null default clock_timestamp()
);

-- One row is a witness's signature line under a checkpoint.
create table seal.cosignature (
    size         bigint      not null references seal.checkpoint,
    witness      text        not null,
    line         text        not null,
    cosigned_at  timestamptz not null default clock_timestamp(),
    primary key (size, witness)
);

-- One row is something that the sealer noticed and that did not stop it.
create table seal.warning (
    noticed_at timestamptz not null default clock_timestamp(),
    position   bigint      not null,
    sentence   text        not null
);

create trigger tile_is_final before update or delete or truncate on seal.tile
    for each statement execute function log.refuse();
create trigger checkpoint_is_final before update or delete or truncate on seal.checkpoint
    for each statement execute function log.refuse();
create trigger cosignature_is_final before update or delete or truncate on seal.cosignature
    for each statement execute function log.refuse();
create trigger warning_is_final before update or delete or truncate on seal.warning
    for each statement execute function log.refuse();
alter table seal.tile enable always trigger tile_is_final;
alter table seal.checkpoint enable always trigger checkpoint_is_final;
alter table seal.cosignature enable always trigger cosignature_is_final;
alter table seal.warning enable always trigger warning_is_final;

grant usage on schema seal to huhang_sealer, huhang_application, huhang_reader;
grant select on all tables in schema seal to huhang_sealer, huhang_application, huhang_reader;
grant insert on all tables in schema seal to huhang_sealer;
grant usage on schema log to huhang_sealer;
grant select on log.event, log.stored_events, log.schema_version to huhang_sealer;
reset role;
