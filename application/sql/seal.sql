-- The seal: the full tiles of the Merkle tree over the log, the checkpoints signed over it, and who
-- vouches for them. Nothing here is secret, and whoever has the log can compute the tiles again.
reset role;
create schema seal authorization huhang_owner;
set local role huhang_owner;

-- 256 neighbouring hashes on each eighth level of the tree, and the hash that stands for them in the
-- tile above (C2SP tlog-tiles). Only full tiles are kept, so that nothing is ever updated.
create table seal.tile (
    level  smallint not null check (level >= 0),
    number bigint   not null check (number >= 0),
    hashes bytea    not null check (octet_length(hashes) = 8192),
    root   bytea    not null check (octet_length(root) = 32),
    primary key (level, number)
);

-- One row is a signed statement that the log had this size and root.
create table seal.checkpoint (
    size      bigint      not null primary key check (size > 0),
    root      bytea       not null check (octet_length(root) = 32),
    note      bytea       not null, -- a C2SP signed note, with the log's own signatures
    sealed_at timestamptz not null
);

-- One row is the signature line of a witness under a checkpoint.
create table seal.cosignature (
    size        bigint      not null references seal.checkpoint,
    witness     text        not null collate "C",
    line        text        not null,
    cosigned_at timestamptz not null, -- as the witness says
    primary key (size, witness)
);

-- One row is what a time-stamping authority says of a checkpoint: an RFC 3161 token over its note.
create table seal.timestamp (
    size       bigint      not null references seal.checkpoint,
    authority  text        not null collate "C", -- its address
    token      bytea       not null,
    stamped_at timestamptz not null, -- as the authority says
    primary key (size, authority)
);

-- One row is something strange that the sealer noticed and that did not stop it.
create table seal.warning (
    noticed_at timestamptz not null,
    position   bigint      not null,
    sentence   text        not null
);

create trigger tile_is_final before update or delete or truncate on seal.tile
    for each statement execute function log.refuse();
create trigger checkpoint_is_final before update or delete or truncate on seal.checkpoint
    for each statement execute function log.refuse();
create trigger cosignature_is_final before update or delete or truncate on seal.cosignature
    for each statement execute function log.refuse();
create trigger timestamp_is_final before update or delete or truncate on seal.timestamp
    for each statement execute function log.refuse();
create trigger warning_is_final before update or delete or truncate on seal.warning
    for each statement execute function log.refuse();
alter table seal.tile enable always trigger tile_is_final;
alter table seal.checkpoint enable always trigger checkpoint_is_final;
alter table seal.cosignature enable always trigger cosignature_is_final;
alter table seal.timestamp enable always trigger timestamp_is_final;
alter table seal.warning enable always trigger warning_is_final;
