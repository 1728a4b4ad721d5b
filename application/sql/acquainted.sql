-- One row is a number of, or near to, somebody that a party of a case bears: the relation, and the way of entries
-- from where the number was registered or declared to that party. Of a relative whom nobody declared it leads by a
-- case in which the number of oneself and that of another party stand side by side.
--
-- A number is looked up among the bearers of so many identities; one that more bear is nobody's own.
with source as materialized (
    select split_part(key.part, ':', 1) as relation, key.record, key.part, key.id as key, term.nonce, term.digest
    from vault.key
    join vault.term on term.key = key.id
    where (%(records)s::uuid[] is null or key.record = any(%(records)s))
      and split_part(key.part, ':', 1) = any(%(relations)s)
),
met as materialized (
    select source.relation, source.record, source.part, source.key, source.nonce,
           borne.record as met_record, borne.part as met_part, borne.key as met_key, borne.nonce as met_nonce
    from source
    cross join lateral (
        select near.*, count(*) over () as bearers
        from (
            select key.record, key.part, key.id as key, term.nonce
            from vault.term
            join vault.key on key.id = term.key
            where term.digest = source.digest
              and key.part = any(%(parties)s)
            limit %(shared)s + 1
        ) as near
    ) as borne
    where borne.bearers <= %(shared)s
),
beside as materialized (
    select met.*, key.record as side_record, key.part as side_part, key.id as side_key, term.nonce as side_nonce,
           term.digest
    from met
    join vault.key
      on key.record = met.met_record
     and key.part = any(%(parties)s)
     and key.part <> met.met_part
    join vault.term on term.key = key.id
    where met.relation = 'self'
)
select met.relation,
       array[met.record, met.met_record] as records,
       array[met.part, met.met_part] as parts,
       array[met.key, met.met_key] as keys,
       array[met.nonce, met.met_nonce] as nonces
from met
union all
select 'relative',
       array[beside.record, beside.met_record, beside.side_record, borne.record],
       array[beside.part, beside.met_part, beside.side_part, borne.part],
       array[beside.key, beside.met_key, beside.side_key, borne.key],
       array[beside.nonce, beside.met_nonce, beside.side_nonce, borne.nonce]
from beside
cross join lateral (
    select near.*, count(*) over () as bearers
    from (
        select key.record, key.part, key.id as key, term.nonce
        from vault.term
        join vault.key on key.id = term.key
        where term.digest = beside.digest
          and key.part = any(%(parties)s)
        limit %(shared)s + 1
    ) as near
) as borne
where borne.bearers <= %(shared)s
  and borne.record <> beside.met_record
