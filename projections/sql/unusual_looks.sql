-- One row is something unusual that one reader did: why, from when to when, how many looks at how
-- many records, and the record where it is one.
--
-- Many in a short time: the looks of a reader are cut into slots as long as the window; a window lies
-- in one slot and the one before it, so that only their looks are compared with each other.
with span (place, first, last) as (
    select * from unnest(%(places)s::integer[], %(firsts)s::date[], %(lasts)s::date[])
),
look as (
    select ledger.reader, ledger.role, ledger.office, ledger.at, ledger.record, ledger.kind,
           ledger.access, ledger.from_position, ledger.happened,
           ledger.at at time zone 'Asia/Shanghai' as clock,
           floor(extract(epoch from ledger.at) / extract(epoch from %(window)s::interval)) as slot
    from reading.ledger_looks as ledger
    join span
      on span.place = ledger.place
     and (ledger.at at time zone 'Asia/Shanghai')::date between span.first and span.last
    where ledger.from_position <= %(position)s
      and ledger.to_position > %(position)s
      and ledger.happened in ('opened', 'released', 'listed', 'searched', 'exported', 'printed')
      and ledger.role <> 'system'
      and (ledger.record = any(%(without)s::uuid[])) is not true
      and ledger.reader <> all(%(without)s::uuid[])
      and ledger.row <> all(%(without)s::uuid[])
      and ledger.at >= %(since)s
      and ledger.at < %(until)s
),
opened as (
    select * from look where happened in ('opened', 'released')
),
near (reader, record, reason) as (
    select * from unnest(%(near_readers)s::uuid[], %(near_records)s::uuid[], %(near_reasons)s::text[])
),
crowded as (
    select look.reader, look.at, look.clock::date as day,
           count(*) as looks, count(distinct before.record) as records
    from opened as look
    cross join lateral (values (look.slot), (look.slot - 1)) as earlier (slot)
    join opened as before
      on before.reader = look.reader
     and before.slot = earlier.slot
     and before.at > look.at - %(window)s::interval
     and before.at <= look.at
    group by look.reader, look.from_position, look.at, look.clock
    having count(distinct before.record) >= %(many)s
),
unusual as (
    select 'many' as reason, crowded.reader, null::uuid as record,
           min(crowded.at) - %(window)s::interval as first_at, max(crowded.at) as last_at,
           max(crowded.looks) as looks, max(crowded.records) as records
    from crowded
    group by crowded.reader, crowded.day
    union all
    select 'night', look.reader, null, min(look.at), max(look.at),
           count(*), count(distinct look.record)
    from look
    where extract(hour from look.clock) >= %(evening)s or extract(hour from look.clock) < %(morning)s
    group by look.reader, (look.clock - make_interval(hours => %(morning)s))::date
    union all
    select 'unassigned', opened.reader, opened.record, min(opened.at), max(opened.at), count(*), 1
    from opened
    where opened.kind in ('case', 'sealed-note')
      and opened.access is null
      and (opened.role = any(%(own)s::text[]) or opened.happened = 'released')
      and not exists (
          select from reading.ledger_cases as mine
          where mine.row = opened.record
            and mine.from_position <= opened.from_position
            and mine.to_position > opened.from_position
            and (mine.receiver = opened.reader
                 or opened.reader = any(string_to_array(mine.counsellors, ',')::uuid[]))
      )
    group by opened.reader, opened.record, opened.clock::date
    union all
    select 'several-offices', opened.reader, opened.record, min(opened.at), max(opened.at),
           count(*), 1
    from opened
    group by opened.reader, opened.record
    having count(distinct opened.office) > 1
    union all
    select near.reason, look.reader, look.record, min(look.at), max(look.at), count(*), 1
    from look
    join near
      on near.reader = look.reader
     and near.record = look.record
    group by near.reason, look.reader, look.record, look.clock::date
),
chosen as materialized (
    select unusual.*
    from unusual
    where (%(reason)s::text is null or unusual.reason = %(reason)s)
      and (
          %(after_at)s::timestamptz is null
          or (unusual.first_at, unusual.reader, unusual.reason,
              coalesce(unusual.record, unusual.reader))
             > (%(after_at)s, %(after_reader)s::uuid, %(after_reason)s::text,
                %(after_record)s::uuid)
      )
    order by unusual.first_at, unusual.reader, unusual.reason,
             coalesce(unusual.record, unusual.reader)
    limit %(limit)s
)
select chosen.reason, chosen.reader, chosen.record, chosen.first_at, chosen.last_at,
       chosen.looks, chosen.records, who.roles, who.offices, who.accesses
from chosen
cross join lateral (
    select array_agg(distinct look.role) as roles, array_agg(distinct look.office) as offices,
           array_remove(array_agg(distinct look.access), null) as accesses
    from look
    where look.reader = chosen.reader
      and look.at between chosen.first_at and chosen.last_at
      and (chosen.record is null or look.record = chosen.record)
) as who
order by chosen.first_at, chosen.reader, chosen.reason, coalesce(chosen.record, chosen.reader)
