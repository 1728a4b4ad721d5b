-- One row is two sessions of one practitioner of which the later began before the earlier had ended.
--
-- A session begins an island when all before it of that practitioner are over. Only the sessions of
-- one island are compared with each other: the work grows with the sessions, not with their square.
with span (place, first, last) as (
    select * from unnest(%(places)s::integer[], %(firsts)s::date[], %(lasts)s::date[])
),
sitting as (
    select person.practitioner, session.row, session.case_id, session.place, session.form,
           session.started_at, session.minutes,
           session.started_at + session.minutes * interval '1 minute' as ended_at,
           span.place is not null as asked_for
    from reading.ledger_sessions as session
    cross join lateral unnest(
        array_prepend(session.practitioner, string_to_array(session.assistants, ',')::uuid[])
    ) as person (practitioner)
    left join span
      on span.place = session.place
     and (session.started_at at time zone 'Asia/Shanghai')::date between span.first and span.last
    where session.from_position <= %(position)s
      and session.to_position > %(position)s
      and session.status <> 'voided'
      and session.started_at >= %(since)s
      and session.started_at < %(until)s
      and person.practitioner <> all(%(without)s::uuid[])
),
followed as (
    select sitting.*,
           coalesce(started_at >= max(ended_at) over (
               partition by practitioner order by started_at, row
               rows between unbounded preceding and 1 preceding
           ), true) as alone_so_far
    from sitting
),
numbered as (
    select followed.*,
           count(*) filter (where alone_so_far) over (
               partition by practitioner order by started_at, row
           ) as island
    from followed
),
crowded as (
    select numbered.*, count(*) over (partition by practitioner, island) as together
    from numbered
)
select later.practitioner,
       earlier.row as earlier, earlier.case_id as earlier_case, earlier.place as earlier_place,
       earlier.started_at as earlier_started_at, earlier.minutes as earlier_minutes,
       later.row as later, later.case_id as later_case, later.place as later_place,
       later.started_at as later_started_at, later.minutes as later_minutes,
       (extract(epoch from least(earlier.ended_at, later.ended_at) - later.started_at)
           / 60)::bigint as minutes
from crowded as earlier
join crowded as later
  on later.practitioner = earlier.practitioner
 and later.island = earlier.island
 and (later.started_at, later.row) > (earlier.started_at, earlier.row)
 and later.started_at < earlier.ended_at
where earlier.together > 1
  and later.together > 1
  and not (
      earlier.form = 'group'
      and later.form = 'group'
      and earlier.started_at = later.started_at
      and earlier.minutes = later.minutes
  )
  and (earlier.asked_for or later.asked_for)
  and later.started_at >= %(begun)s
  and (
      %(after_at)s::timestamptz is null
      or (later.started_at, later.practitioner) >= (%(after_at)s, %(after_practitioner)s::uuid)
  )
order by later.started_at, later.practitioner, later.row, earlier.row
limit %(limit)s offset %(shown)s
