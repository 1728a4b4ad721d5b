-- What proves who somebody is: hashes of passwords, sessions and tokens, keys of second factors, counted
-- failures. Nothing of it stands in the log; what the log says decides whether a row still counts. A mark is a keyed
-- digest of the other columns, by which the application knows what it wrote itself (application/own_rows.py).
reset role;
create schema identity authorization huhang_owner;
set local role huhang_owner;

-- One row is a name under which an account signs in, also before the log says that it is open.
create table identity.login (
    login   text not null primary key collate "C",
    account uuid not null unique
);

-- One row is the password of an account; it counts while the account's log names its version.
create table identity.password (
    account    uuid        not null primary key,
    version    bigint      not null, -- of the event that reset or changed it
    hash       text        not null, -- argon2id of a keyed digest, in its own notation
    expires_at timestamptz,          -- of one that an administrator gave
    mark       bytea       not null check (octet_length(mark) = 32)
);

-- One row is a second factor; it counts while the account's log has it.
create table identity.factor (
    id         uuid   not null primary key,
    account    uuid   not null,
    kind       text   not null,
    label      text   not null,
    secret     bytea  not null, -- of TOTP sealed under the installation's key; of a passkey its public key
    credential bytea  unique,   -- of a passkey, its id
    counter    bigint not null, -- of TOTP the last step, of a passkey the last signature that was used; not marked
    mark       bytea  not null check (octet_length(mark) = 32)
);
create index factor_account on identity.factor (account);

-- One row is a session. Of its secret only a keyed digest is kept, and that of the one before it.
create table identity.session (
    id         uuid        not null primary key,
    hash       bytea       not null unique check (octet_length(hash) = 32),
    former     bytea       unique,   -- the hash before the last rotation, good for some seconds more
    account    uuid        not null,
    role       text        not null,
    office     uuid        not null,
    methods    text[]      not null, -- what was proved so far
    acting     boolean     not null, -- whether all was proved that is asked for
    version    bigint      not null, -- of the account when it was proved last; an older one may be void
    opened_at  timestamptz not null,
    proved_at  timestamptz not null,
    used_at    timestamptz not null,
    rotated_at timestamptz not null,
    ends_at    timestamptz not null,
    mark       bytea       not null check (octet_length(mark) = 32)
);
create index session_ends on identity.session (ends_at);

-- One row is a token of the API; it counts while the account's log has it.
create table identity.token (
    id      uuid  not null primary key,
    hash    bytea not null unique check (octet_length(hash) = 32),
    account uuid  not null,
    mark    bytea not null check (octet_length(mark) = 32)
);

-- One row is a token of `huhang token` that lets nobody in although it has not expired.
create table identity.revoked (
    token      uuid        not null primary key,
    expires_at timestamptz not null
);

-- One row is somebody at a provider, by a keyed hash; it counts while the account's log has its link.
create table identity.subject (
    hash    bytea not null primary key,
    link    uuid  not null unique,
    account uuid  not null,
    mark    bytea not null check (octet_length(mark) = 32)
);

-- One row counts failures in a row of one name or person, by a keyed hash: whether it exists or not.
create table identity.failure (
    key           bytea       not null primary key,
    failures      integer     not null,
    last_at       timestamptz not null,
    blocked_until timestamptz
);
create index failure_last on identity.failure (last_at);

-- One row is a question that was asked and may be answered once: a challenge, or a way to a provider.
create table identity.challenge (
    hash       bytea       not null primary key,
    purpose    text        not null,
    holds      jsonb       not null,
    expires_at timestamptz not null,
    mark       bytea       not null check (octet_length(mark) = 32)
);
create index challenge_expires on identity.challenge (expires_at);
