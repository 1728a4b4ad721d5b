-- The leaf of an event: the hash of its entry, as application/leaf.py describes it (RFC 9162 §2.1.1).
create function log.leaf(
    index              bigint, -- from 0: the position less one
    originator_id      uuid,
    originator_version bigint,
    topic              text,
    recorded_at        timestamptz,
    actor              uuid,
    keys               text,
    state              bytea,
    sm3                bytea,
    author             text,
    signature          bytea
) returns bytea language sql stable as $$
    select sha256('\x00'::bytea || convert_to(concat(
        'rec-leaf/v1',
        E'\nindex ', index,
        E'\nstream ', originator_id,
        E'\nversion ', originator_version,
        E'\ntopic ', topic,
        E'\nrecorded ', to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        E'\nactor s:', actor,
        E'\nkeys ', keys,
        E'\nstate sha256:', encode(sha256(state), 'hex'), ' sm3:', encode(sm3, 'hex'),
        E'\nauthor ', author, ' ', translate(encode(signature, 'base64'), E'\n', ''), E'\n'
    ), 'UTF8'))
$$;
