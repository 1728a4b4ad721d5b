-- The key store: one key a person and record, under which its personal data in the log are sealed. Kept
-- wrapped (AES-KWP, RFC 5649, or as a key service does) under the wrapping key of an epoch, which is never in the database.
reset role;
create schema vault authorization huhang_owner;
set local role huhang_owner;

-- The one row names this key store, and its wrapping keys after it: another store that keeps its own in the same
-- module or service never takes these for them.
create table vault.store (
    id uuid not null primary key
);
create unique index one_store on vault.store ((true));

-- One row is a stretch of time with one wrapping key. Without an end it is the one in which keys are made.
create table vault.epoch (
    number       integer     not null primary key check (number > 0),
    proof        bytea       not null, -- a known value wrapped: tells the right wrapping key from another
    began_at     timestamptz not null,
    ended_at     timestamptz,
    destroyed_at timestamptz -- since when nobody has its wrapping key
);
create unique index one_epoch_goes_on on vault.epoch ((true)) where ended_at is null;

-- One row is a key that opens what was sealed under it. Erasing it is deleting this row.
create table vault.key (
    id      uuid        not null primary key,
    record  uuid        not null, -- the case, the practitioner or the account
    part    text        not null collate "C", -- whose data in it: a party, the couple's, one's own, of who was declared
    epoch   integer     not null references vault.epoch,
    wrapped bytea       not null check (octet_length(wrapped) between 40 and 4096), -- with id, record and part
    made_at timestamptz not null,
    unique (record, part)
);
create index key_epoch on vault.key (epoch);

-- One row says that what was sealed with a nonce holds the number that a keyed digest is of (application/blind_index.py).
-- It goes with the person's key.
create table vault.term (
    key    uuid  not null references vault.key on delete cascade,
    nonce  text  not null, -- of the envelope: which of several identities, as they are corrected
    digest bytea not null check (octet_length(digest) = 32),
    primary key (digest, key, nonce)
);
create index term_key on vault.term (key);

-- One row is a key that was destroyed. It stays when the key comes back, from whatever was under way or from a
-- backup: so it is never kept again.
create table vault.destroyed (
    id uuid not null primary key
);

-- Locks that only the vault can take, unlike advisory ones, which anybody who can connect holds for as long as he
-- likes. Keys are made beside each other, and neither while one is destroyed nor while an epoch begins.
create table vault.key_lock ();
-- Held by who wraps all keys anew.
create table vault.rotation_lock ();
-- A row that is written and never committed holds a record against every other erasure and hold of it.
create table vault.record_lock (
    record uuid not null primary key
);

-- One row is an erasure that was begun: from it a crash is healed before the log says that it happened. Its mark is
-- a keyed digest of what the log is to say: of a row that somebody put here it says nothing (application/own_rows.py).
create table vault.erasure (
    request     uuid        not null primary key,
    record      uuid        not null,
    keys        uuid[]      not null check (cardinality(keys) > 0),
    missing     uuid[]      not null default '{}', -- of these, what the log names and was not there
    ground      text        not null,
    actor       uuid        not null,
    role        text        not null,
    office      uuid        not null,
    occurred    timestamptz not null,
    mark        bytea       not null check (octet_length(mark) = 32),
    recorded_at timestamptz -- since when the log says all of it
);
create index erasure_unrecorded on vault.erasure (occurred) where recorded_at is null;

-- After a restore of older keys all destructions in the log are done again; this finds them at once.
create index event_key_destroyed on log.event (position) where topic = 'subject.key-destroyed.v1';

-- The list of legal holds is read by it.
create index event_legal_hold on log.event (position)
    where topic in ('subject.legal-hold-placed.v1', 'subject.legal-hold-lifted.v1');
